/** What a terminal must show, with places for what is never the same twice. */

const PLACES: Record<string, string> = {
  "{age}": "(?:\\d+[smhd])+",
  "{any}": ".*",
  "{date}": "\\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d [+-]\\d{4}",
  "{id}": "[a-z0-9]+",
  "{ip}": "\\d+\\.\\d+\\.\\d+\\.\\d+",
  "{number}": "\\d+",
  "{port}": "\\d+",
  "{time}": "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z",
  "{dollar}": "\\$",
  "{tick}": "`",
  "{token}": "[\\w-]+\\.[\\w-]+\\.[\\w-]+",
};
const DOTS = "...";
const BLANKS = "  ";
/**
 * What kubectl logs of itself, not what it answers. Its goroutines go on sending the terminal's size and standard input when
 * the command may have ended already, and if they lose against the server's closing (every server closes at once) they say so
 * in klog lines of client-go's remotecommand/v2.go and v3.go. A race within kubectl, and nothing anybody was told.
 */
const OWN_LOG =
  /^E\d{4} [\d:.]+ +\d+ v[23]\.go:\d+\] (?:"Unhandled Error" err="EOF|EOF|.*(?:websocket: close sent|[Ww]rite on closed stream(?: \d+)?|use of closed network connection))"?$/;

/** The expression a terminal's text must match; `asStart`: more may follow. */
export function expressionOf(says: string, asStart = false): RegExp {
  const lines = plain(says).map((line) => (line === DOTS ? "(?:.*\n)*?" : `${lineOf(line)}\n`));
  return new RegExp(`^${lines.join("")}${asStart ? "" : "$"}`);
}

/** The text as it is compared: no blanks at the ends of lines, columns two blanks apart. */
export function comparable(text: string): string {
  return plain(text)
    .map((line) => `${line}\n`)
    .join("");
}

function plain(text: string): string[] {
  const lines = text.replaceAll("\r", "").replace(/\n+$/, "").split("\n");
  if (lines.length === 1 && lines[0] === "") return [];
  const said = lines.filter((line) => !OWN_LOG.test(line));
  return said.map((line) => line.trimEnd().replace(/(?<=\S)(?:[ \t]{2,}|\t)/g, BLANKS));
}

function lineOf(line: string): string {
  return line
    .split(/(\{[a-z]+\})/)
    .map((part) => PLACES[part] ?? part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
    .join("");
}
