import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PackageError } from './package-error.js';

/** Real ones hold anything anywhere. Who and which version must be there; what else has another form than it should is as good as absent. */
const Manifest = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  license: z.json().optional(),
  licenses: z.json().optional(),
  engines: z.record(z.string(), z.string()).optional().catch(undefined),
  scripts: z.record(z.string(), z.string()).optional().catch(undefined),
});
export type Manifest = z.infer<typeof Manifest>;

export class UnreadableManifestError extends PackageError {}

export async function readManifest(folder: string): Promise<Manifest> {
  try {
    return Manifest.parse(JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? cause.issues.map(described).join('; ') : (cause as Error).message;
    throw new UnreadableManifestError(`package.json cannot be read: ${why}`, { cause });
  }
}

function described({ path: where, message }: z.core.$ZodIssue): string {
  return `${where.join('.') || 'the whole'}: ${message}`;
}
