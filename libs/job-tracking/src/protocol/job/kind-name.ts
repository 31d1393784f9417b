/** The kind of whoever names none, everywhere. */
export const DEFAULT_KIND = 'default';

/** A kind by its name, or as a value that bears it. */
export type NamedKind = string | { readonly kind: string };

export function kindName(kind: NamedKind | undefined): string {
  return kind === undefined ? DEFAULT_KIND : typeof kind === 'string' ? kind : kind?.kind;
}
