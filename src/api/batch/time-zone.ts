/**
 * Time zones by their names in the IANA database, as the machine's own ICU data knows them.
 *
 * In Kubernetes: validateTimeZone in pkg/apis/batch/validation/validation.go, time.LoadLocation of Go.
 * Differs: a name in another case ("europe/berlin") is known here.
 */

/** One part of a name. Digits and + are there for names of old. */
const PART = /^[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}$/;

/** What is wrong with the name of a zone. "Local" Go knows, but it is another on each machine. */
export function timeZoneErrors(zone: string): string[] {
  if (zone === "") return ["timeZone must be nil or non-empty string"];
  const isName = zone.split("/").every((part) => part !== "." && part !== ".." && PART.test(part));
  if (!isName) return [`unknown time zone ${zone}`];
  const explicit =
    "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
  const errors = zone.toLowerCase() === "local" ? [explicit] : [];
  const isKnown = zone === "Local" || isKnownZone(zone);
  return isKnown ? errors : [...errors, `unknown time zone ${zone}`];
}

export function isKnownZone(zone: string): boolean {
  if (/^[+\-0-9]/.test(zone)) return false; // An offset, which is no name.
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
