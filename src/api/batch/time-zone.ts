/**
 * Time zones by their names in the IANA database, as the machine's own ICU data knows them.
 *
 * In Kubernetes: validateTimeZone in pkg/apis/batch/validation/validation.go, time.LoadLocation of Go.
 * Differs: a name in another case ("europe/berlin") is known here.
 */

/** One part of a name. Digits and + are there for names of old. */
const PART = /^[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}$/;

/** What is wrong with the name of a zone; undefined where it is one. */
export function timeZoneError(zone: string): string | undefined {
  if (zone === "") return "timeZone must be nil or non-empty string";
  const isName = zone.split("/").every((part) => part !== "." && part !== ".." && PART.test(part));
  if (!isName || !isKnownZone(zone)) {
    if (zone.toLowerCase() !== "local") return `unknown time zone ${zone}`;
    return "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
  }
  return undefined;
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
