import { type EmbeddedPostgres, startEmbeddedPostgres } from 'embedded-postgres-server';
import { expectTypeOf } from 'vitest';

expectTypeOf(startEmbeddedPostgres).returns.resolves.toEqualTypeOf<EmbeddedPostgres>();
expectTypeOf<EmbeddedPostgres['stop']>().parameter(0).toEqualTypeOf<'fast' | 'immediate' | undefined>();

export const refused = [
  // @ts-expect-error an option that is misspelt would be an option that is not set
  () => startEmbeddedPostgres('.data', { dieWithParents: true }),
];
