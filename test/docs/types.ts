import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { compilerOptions } from './snippets.js';

/** The names of the properties of types. `imports`: the lines that bring them; `types`: each as an expression. */
export function propertiesOf<Name extends string>(
  imports: string,
  types: Record<Name, string>,
): Record<Name, string[]> {
  const folder = path.join(import.meta.dirname, '.data');
  const file = path.join(folder, `types-${process.pid}.ts`);
  mkdirSync(folder, { recursive: true });
  const aliases = Object.entries(types).map(([name, type]) => `export type ${name} = ${type};`);
  writeFileSync(file, [imports, ...aliases].join('\n'));
  try {
    const program = ts.createProgram([file], compilerOptions());
    const source = program.getSourceFile(file) as ts.SourceFile;
    const [complaint] = program.getSemanticDiagnostics(source);
    if (complaint) throw new Error(ts.flattenDiagnosticMessageText(complaint.messageText, ' '));
    const checker = program.getTypeChecker();
    const named = source.statements.filter(ts.isTypeAliasDeclaration).map((alias) => {
      const type = checker.getTypeAtLocation(alias.name);
      return [alias.name.text, type.getProperties().map((property) => property.name)];
    });
    return Object.fromEntries(named);
  } finally {
    rmSync(file);
  }
}
