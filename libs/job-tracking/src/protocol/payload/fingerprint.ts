import { createHash } from 'node:crypto';

/** Characters of a message that are looked at, and that count once its variable parts are gone. */
const READ = 16_384;
const COUNTED = 1_000;
/** Characters of a name, or of anything that stands before a message. */
const NAME = 1_000;
const LINES = 200;
/** Characters of a frame, twice the longest path of most systems. A longer line is none. */
const LONGEST_FRAME = 8_192;
const FRAMES = 3;

/**
 * Alike for failures of one cause, on every host: 16 hex characters over the class, the message without its numbers, ids, quoted parts and
 * addresses, and the innermost three frames of the user's code by function and file name. `stack` is V8's text; '' where there is none.
 * Any of the three may hold a client's text: each is bounded before a pattern sees it.
 */
export function fingerprintOf(name: string, message: string, stack: string): string {
  const lines = frameLines(stack, message).filter((line) => line.length <= LONGEST_FRAME);
  const frames = lines.map(frameOf).filter(isUsers).slice(0, FRAMES);
  const cause = [name.slice(0, NAME), withoutVariables(message), ...frames.map(named)];
  return createHash('sha256').update(JSON.stringify(cause)).digest('hex').slice(0, 16);
}

/** V8 quotes the input, which has quotes of its own. */
const REJECTED_JSON = /(?<=Unexpected token ).* is not valid JSON/s;
const QUOTED = /«[^«»]*»|“[^“”]*”|‘[^‘’]*’|"[^"]*"|`[^`]*`|(?<![\p{L}\p{N}])'[^']*'(?![\p{L}\p{N}])/u;
const URL_TEXT = /(?<![\p{L}\p{N}+.-])[a-z][a-z0-9+.-]*:\/\/[^\s"<>]+/iu;
const MAIL = /(?<![^\s@"<>()[\],;:])[^\s@"<>()[\],;:]+@[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*/u;
/** One pass: what stands inside one of them is not looked at for another. */
const DELIMITED = new RegExp(`${QUOTED.source}|${URL_TEXT.source}|${MAIL.source}`, 'giu');
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const WORD = /[\p{L}\p{N}_]+/gu;
const ID = /\p{N}|^[0-9a-f]{8,}$/iu;
/** 1,234.5 and 2026-11-24 and 10.0.0.7:5432 and -3 are one number each. */
const NUMBER = /(?<![\p{L}\p{N}_#])[-+]#(?:[.,:/+-]#)*|#(?:[.,:/+-]#)*/gu;

function withoutVariables(message: string): string {
  return message
    .slice(0, READ)
    .replace(REJECTED_JSON, '')
    .replace(DELIMITED, constantPart)
    .replace(UUID, '#')
    .replace(WORD, (word) => (ID.test(word) ? '#' : word))
    .replace(NUMBER, '#')
    .slice(0, COUNTED);
}

function constantPart(found: string): string {
  if (/^[^\s"'«“‘`]+:\/\//.test(found)) return found.replace(/(?<=:\/\/)[^/?#]*@/, '').replace(/[?#].*/, '');
  return /^["'«“‘`]/.test(found) ? '""' : '@';
}

/** The lines of a V8 stack that are frames, innermost first, without the message above them. */
export function frameLines(stack: string, message: string): string[] {
  const lines = belowMessage(stack, message)
    .split('\n', LINES)
    .map((line) => line.trim());
  return lines.filter((line) => line.startsWith('at '));
}

/** A message may hold lines that look like frames; it starts in the first line, or it was changed later and stands nowhere. */
function belowMessage(stack: string, message: string): string {
  // Its beginning finds its place: to look for the whole of a long one may take the square of its length.
  const beginning = message.slice(0, COUNTED);
  const first = stack.slice(0, NAME + beginning.length);
  const at = first.indexOf(beginning);
  const isFound = at >= 0 && !first.slice(0, at).includes('\n') && stack.startsWith(message, at);
  return isFound ? stack.slice(at + message.length) : stack;
}

/** The function ('' where it has no name), and the file without line and column. */
interface Frame {
  name: string;
  file: string;
}

function frameOf(line: string): Frame {
  const place = line.slice('at '.length).replace(/^async /, '');
  const open = place.endsWith(')') ? place.indexOf(' (') : -1;
  const name = open < 0 ? '' : withoutAlias(place.slice(0, open));
  const [file = ''] = (open < 0 ? place : place.slice(open + 2, -1)).replace(/(?::\d+){1,2}$/, '').split('?', 1);
  return { name, file: file.replaceAll('\\', '/') };
}

/** `Shop.pay [as handler]` is `Shop.pay`. */
function withoutAlias(name: string): string {
  const alias = name.endsWith(']') ? name.indexOf(' [as ') : -1;
  return alias < 0 ? name : name.slice(0, alias);
}

/** Files have a folder; `native`, `<anonymous>`, `index 0` and `eval at …` are V8's own. */
function isUsers({ file }: Frame): boolean {
  if (!file.includes('/') || file.startsWith('node:') || file.startsWith('eval at ')) return false;
  return !file.includes('/node_modules/') && !(OWN_FOLDER && file.startsWith(OWN_FOLDER));
}

function named({ name, file }: Frame): string {
  return `${name} ${file.slice(file.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '')}`;
}

/** This library's folder as stacks show it, which source maps may move. undefined: bundled, one file with the user's code. */
const OWN_FILE = frameOf(frameLines(new Error().stack ?? '', '')[0] ?? '').file;
const OWN_FOLDER = /^(.*\/)protocol\/payload\/fingerprint\.[jt]s$/.exec(OWN_FILE)?.[1];
