/**
 * The table of kubectl commands, as data. A row is a line typed into a shell and what the terminal shows then, standard
 * output and errors together; a chapter is a few of them in a namespace of its own, written as one transcript:
 *
 *   $ kubectl get pod web          # soon
 *   NAME   READY   STATUS    RESTARTS   AGE
 *   web    1/1     Running   0          {age}
 *
 * Behind "# " stand the remarks: `soon` (typed again until it is so: a controller has to act first), `fails` (its exit
 * code is not 0), `meanwhile` (goes on while the next row is run, which finds the port it printed in $PORT), `since 1.27`
 * and `until 1.26` (kubectls that are newer or older say it otherwise, or cannot). {age}, {id} and the like stand
 * for what is never the same; a line of dots for lines that do not matter; two or more blanks for two or more.
 */
export interface Row {
  /** The whole line, remarks included: a shell takes them for a comment. */
  run: string;
  says: string;
  isRetried: boolean;
  fails: boolean;
  isMeanwhile: boolean;
  sinceMinor: number;
  untilMinor: number;
}

export interface Chapter {
  /** Of its namespace too. */
  name: string;
  title: { en: string; zh: string };
  files?: Record<string, string>;
  transcript: string;
}

const REMARKS = / # ((?:soon|fails|meanwhile|since 1\.\d+|until 1\.\d+)(?:, (?:.*))?)$/;

export function rowsOf(chapter: Chapter): Row[] {
  const rows: Row[] = [];
  for (const line of chapter.transcript.trim().split("\n")) {
    if (line.startsWith("$ ")) rows.push(rowOf(line.slice(2)));
    else rows.at(-1)!.says += `${line}\n`;
  }
  return rows;
}

function rowOf(run: string): Row {
  const remarks = (REMARKS.exec(run)?.[1] ?? "").split(", ");
  const minorAfter = (word: string) =>
    remarks
      .filter((one) => one.startsWith(`${word} 1.`))
      .map((one) => Number(one.split(".")[1]))[0];
  return {
    run,
    says: "",
    isRetried: remarks.includes("soon"),
    fails: remarks.includes("fails"),
    isMeanwhile: remarks.includes("meanwhile"),
    sinceMinor: minorAfter("since") ?? 0,
    untilMinor: minorAfter("until") ?? Number.POSITIVE_INFINITY,
  };
}
