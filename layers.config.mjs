// The import law, held by `npm run layers`: what each folder may import, and why. A test beside its source (*.spec.ts) may
// look anywhere. test/layers.spec.ts breaks every rule once and sees the check go red.

const SRC = '^libs/job-tracking/src';
const SPEC = '\\.spec\\.ts$';

const folder = (name) => `${SRC}/${name}/`;
/** As it is found, as its types are found, and as it is written where it is not installed. */
const npm = (name) => [`node_modules/${name}/`, `node_modules/@types/${name}/`, `^${name}(/|$)`];

const STANDARD_SCHEMA = npm('@standard-schema/spec');
const NEST = ['@nestjs/[^/]+', 'rxjs', 'reflect-metadata'].flatMap(npm);
const MIKRO_ORM = npm('@mikro-orm/[^/]+');
const PG = npm('pg');
const AWS = npm('@aws-sdk/[^/]+');
const KYSELY = npm('kysely');
const STORES = [...MIKRO_ORM, ...KYSELY, ...PG, ...AWS];
const NODE = { dependencyTypesNot: ['core'] };

/** A folder of the library that imports itself, node:, and what is named; nothing else. */
const only = (name, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: folder(name), pathNot: SPEC },
  to: { ...NODE, pathNot: [folder(name), ...allowed] },
});

/** A folder at the rim: libraries of its own, but no way around the protocol to a store. */
const rim = (name, folders, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: folder(name), pathNot: SPEC },
  to: { path: ['^(apps|libs|test|bench|chaos)/', ...STORES], pathNot: [name, ...folders].map(folder) },
});

/**
 * The rooms of a folder, from the ground up: a room imports itself and what stands before it. Rooms in one row stand beside each other and do
 * not know one another.
 */
const ROOMS = {
  protocol: [
    ['options'],
    ['job'],
    ['payload'],
    ['query'],
    ['store'],
    ['events'],
    ['state'],
    ['register'],
    ['run'],
    ['consume', 'operate', 'verify'],
  ],
  nest: [['answers', 'logging'], ['tracked'], ['declared'], ['module']],
  postgres: [['sql'], ['sending'], ['store'], ['schema']],
};

const rooms = Object.entries(ROOMS).flatMap(([house, floors]) =>
  floors.flatMap((floor, height) =>
    floor.map((room) => ({
      name: `${house}/${room}`,
      comment: 'A room knows the rooms below it: whoever reads one knows where to look next, and where not',
      severity: 'error',
      from: { path: folder(`${house}/${room}`), pathNot: SPEC },
      to: {
        path: `${SRC}/${house}/(index\\.ts$|[^/]+/)`,
        pathNot: [...floors.slice(0, height).flat(), room].map((below) => folder(`${house}/${below}`)),
      },
    })),
  ),
);

/** Whatever of a folder stands in no room is its door, and what all of its rooms share. */
const fixedRooms = Object.entries(ROOMS).map(([house, floors]) => ({
  name: `${house}: fixed rooms`,
  comment: 'The rooms of the law are fixed: a new one needs its place in the order first',
  severity: 'error',
  from: {
    path: folder(house),
    pathNot: [folder(`${house}/(${floors.flat().join('|')})`), `${SRC}/${house}/(index|tokens)\\.ts$`, SPEC],
  },
  to: {},
}));

const law = [
  ...rooms,
  ...fixedRooms,
  only('protocol', STANDARD_SCHEMA, 'The promise can be read and property-tested alone'),
  only('nest', [folder('protocol'), ...NEST], 'A route does not care where a job is kept'),
  only('postgres', [folder('protocol'), ...MIKRO_ORM, ...KYSELY, ...PG], 'SQL is reviewed in one folder'),
  only('memory', [folder('protocol')], 'Its users install no ORM'),
  only('dynamodb', [folder('protocol'), ...AWS], 'Its users install no ORM'),
  rim('dashboard', ['protocol', 'nest'], 'Screens cannot break the lock rules'),
  rim('otel', ['protocol', 'nest'], 'Who looks on cannot break the lock rules'),
  rim('cli', ['protocol', 'nest'], 'A command line cannot break the lock rules'),
  rim('testing', ['protocol', 'nest', 'memory'], "Users' tests need no database"),
  {
    name: 'assembly',
    comment: 'Doors and the module put folders together; what they need, a folder has',
    severity: 'error',
    from: { path: `${SRC}/(index|core|job-tracking\\.module)\\.ts$` },
    to: { ...NODE, pathNot: [`${SRC}/`, ...NEST, ...MIKRO_ORM] },
  },
  {
    name: 'core-without-postgres',
    comment: "Users of './core' install neither PostgreSQL nor MikroORM",
    severity: 'error',
    from: { path: `${SRC}/core\\.ts$` },
    to: { path: [`${SRC}/(index|job-tracking\\.module)\\.ts$`, folder('postgres'), ...STORES] },
  },
  {
    name: 'no-testing-in-production',
    comment: 'No test code in production',
    severity: 'error',
    from: { path: `${SRC}/`, pathNot: [folder('testing'), SPEC] },
    to: { path: [folder('testing'), SPEC] },
  },
  {
    name: 'types-only',
    comment: 'The library does not depend on pg, and the schema standard is types and nothing else: `import type`',
    severity: 'error',
    from: { path: `${SRC}/`, pathNot: SPEC },
    to: { path: [...PG, ...STANDARD_SCHEMA], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'through-the-door',
    comment: "What is behind a folder's index.ts may change freely",
    severity: 'error',
    from: { path: `${SRC}/([^/]+)`, pathNot: SPEC },
    to: { path: `${SRC}/[^/]+/`, pathNot: [`${SRC}/$1/`, `${SRC}/[^/]+/index\\.ts$`] },
  },
  {
    name: 'fixed-folders',
    comment: 'The folders of the law are fixed: a new one needs a row here first',
    severity: 'error',
    from: {
      path: `${SRC}/`,
      pathNot: [
        folder('(protocol|nest|postgres|memory|dynamodb|dashboard|otel|cli|testing)'),
        `${SRC}/(index|core|job-tracking\\.module)\\.ts$`,
        SPEC,
      ],
    },
    to: {},
  },
  {
    name: 'doors-only',
    comment: 'What is behind a door may change freely: applications, tests and benches see what users see',
    severity: 'error',
    from: { path: '^(apps|test|bench|chaos)/' },
    to: { path: '^libs/', dependencyTypesNot: ['aliased'] },
  },
  {
    name: 'embedded-postgres',
    comment: 'A PostgreSQL to try things on asks for nothing but Node, and knows nothing of jobs',
    severity: 'error',
    from: { path: '^libs/embedded-postgres/', pathNot: SPEC },
    to: { ...NODE, pathNot: '^libs/embedded-postgres/' },
  },
  {
    name: 'no-circle',
    comment: 'Who reads one file of a circle must read them all, types too',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-dangling-import',
    comment: 'An import that this check cannot follow is an import that it does not judge',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];

export default {
  forbidden: law,
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true, // types too: the law is about what one must read to understand
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(apps|libs)/[^/]+/dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
