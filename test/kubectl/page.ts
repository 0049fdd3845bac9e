/** The table as a page to read: docs/kubectl.md, in both languages. */
import { chapters } from "./commands.ts";
import type { Chapter } from "./row.ts";

const OPENING = {
  en: `# What kubectl says

Every command of \`kubectl help\`, typed into a terminal, and what came back. Tests run each line with the oldest and the newest
kubectl at hand (1.20 and 1.33) against two simulated nodes, and this page is made from the same table, so it cannot go out of date.

What is never the same twice stands in braces: \`{age}\`, \`{ip}\`, \`{id}\`. A line of dots is for lines that do not matter. Behind
\`#\`: \`soon\` (typed again until it is so, for somebody has to act first), \`fails\` (the exit code is not 0), \`meanwhile\` (it goes on while the
next line is typed, which finds the port it printed in \`$PORT\`), \`since\` and \`until\` (other kubectls word it otherwise, or cannot).
`,
  zh: `# kubectl 说什么

\`kubectl help\` 里的每个命令，以及终端上的回答。测试用手头最旧和最新的 kubectl（1.20 与 1.33）对两个模拟节点逐行执行，本页由同一张表生成，所以不会过时。

每次都不同的内容写在花括号里：\`{age}\`、\`{ip}\`、\`{id}\`。一行点号代表无关紧要的若干行。\`#\` 之后：\`soon\`（反复输入直到如此，因为要等控制器动作）、\`fails\`（退出码不为 0）、
\`meanwhile\`（在下一行执行期间继续运行，下一行从 \`$PORT\` 得到它打印的端口）、\`since\` 和 \`until\`（其他版本的 kubectl 说法不同或没有此功能）。
`,
};

export function pageIn(language: "en" | "zh"): string {
  return [OPENING[language], ...chapters.map((chapter) => sectionOf(chapter, language))].join("\n");
}

function sectionOf({ title, files = {}, transcript }: Chapter, language: "en" | "zh"): string {
  const shown = Object.entries(files).map(([name, text]) => block(`# ${name}\n${text.trim()}`));
  return [`## ${title[language]}\n`, ...shown, block(plain(transcript.trim()))].join("\n");
}

function plain(transcript: string): string {
  return transcript.replaceAll("{tick}", "`").replaceAll("{dollar}", "$");
}

function block(text: string): string {
  return `\`\`\`\`sh\n${text}\n\`\`\`\`\n`;
}
