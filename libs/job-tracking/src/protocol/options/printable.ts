/** Control characters, what turns or hides text (marks of its direction, zero width), separators of lines, halves of surrogate pairs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A text that may be a client's as a log line shows it: on one line, and without what a terminal would obey. What is escaped is escaped as in
 * JSON, so JSON stays the same JSON.
 */
export function printable(text: string): string {
  return text.replace(UNSEEN, escaped);
}

function escaped(unseen: string): string {
  let text = '';
  for (let i = 0; i < unseen.length; i++)
    text += SHORT[unseen.charAt(i)] ?? `\\u${unseen.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return text;
}
