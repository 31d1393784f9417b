/** The names of a function's own parameters as its source has them; '' for one that is taken apart, or after a rest. */
export function parameterNames(method: (...args: never[]) => unknown): string[] {
  const source = Function.prototype.toString.call(method).replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
  const start = source.indexOf('(');
  if (start < 0) return [];
  const names: string[] = [];
  let depth = 0;
  let parameter = '';
  let quote = '';
  for (const letter of source.slice(start)) {
    if (quote) {
      if (letter === quote) quote = '';
    } else if (`'"\``.includes(letter)) quote = letter;
    else if ('([{'.includes(letter)) depth++;
    else if (')]}'.includes(letter)) depth--;
    if (depth === 0 || (depth === 1 && letter === ',')) {
      names.push(nameOf(parameter));
      parameter = '';
      if (depth === 0) break;
    } else if (!(depth === 1 && letter === '(' && parameter === '' && names.length === 0)) parameter += letter;
  }
  return names.length === 1 && names[0] === '' ? [] : names;
}

function nameOf(parameter: string): string {
  return /^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:=|$)/u.exec(parameter)?.[1] ?? '';
}
