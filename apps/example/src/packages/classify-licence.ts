import parse from 'spdx-expression-parse';
import { z } from 'zod';
import { PackageError } from './package-error.js';
import type { PackageRecord } from './read-package.js';

export const Licence = z.object({
  /** A valid SPDX expression, as the package has it. */
  expression: z.string(),
  /** The licences that it names. */
  names: z.array(z.string()),
});
export type Licence = z.infer<typeof Licence>;

export class MissingLicenceError extends PackageError {}
export class InvalidLicenceError extends PackageError {}

export function classifyLicence({ license, licenses }: PackageRecord): Licence {
  if (license === undefined || license === '') {
    const old = licenses === undefined ? '' : ", only the old 'licenses'";
    throw new MissingLicenceError(`package.json has no 'license'${old}`);
  }
  if (typeof license !== 'string')
    throw new InvalidLicenceError(`expected 'license' to be an SPDX expression, got: ${JSON.stringify(license)}`);
  return { expression: license, names: [...new Set(namesIn(parsed(license)))] };
}

function parsed(expression: string): parse.Info {
  try {
    return parse(expression);
  } catch (cause) {
    throw new InvalidLicenceError(
      `expected 'license' to be an SPDX expression, got: "${expression}" (${(cause as Error).message})`,
      { cause },
    );
  }
}

function namesIn(info: parse.Info): string[] {
  return 'conjunction' in info ? [...namesIn(info.left), ...namesIn(info.right)] : [info.license];
}
