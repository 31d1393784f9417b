/** A comment, a text (what stands inside them is no source), or one character. */
const TOKEN = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\[\s\S]|[^`\\])*`|[\s\S]/gu;

/** Characters of a source that are looked at; no list of parameters is longer. */
const READ = 16_384;

/** The names of a function's own parameters as its source has them; '' for one that is taken apart, or after a rest. */
export function parameterNames(method: (...args: never[]) => unknown): string[] {
  const names: string[] = [];
  let depth = 0;
  let parameter = '';
  for (const [token] of Function.prototype.toString.call(method).slice(0, READ).matchAll(TOKEN)) {
    if (depth === 0) {
      if (token === '(') depth = 1;
      continue;
    }
    if (token.startsWith('//') || token.startsWith('/*')) continue;
    if ('([{'.includes(token)) depth++;
    else if (')]}'.includes(token)) depth--;
    if (depth === 0 || (depth === 1 && token === ',')) {
      names.push(nameOf(parameter));
      parameter = '';
      if (depth === 0) break;
    } else parameter += token;
  }
  return names.length === 1 && names[0] === '' ? [] : names;
}

function nameOf(parameter: string): string {
  return /^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:=|$)/u.exec(parameter)?.[1] ?? '';
}
