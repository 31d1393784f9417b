import { UseGuards } from '@nestjs/common';
import {
  Args,
  Field,
  GraphQLModule,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { CurrentJob, type JobRun } from 'nestjs-job-tracking';
import { startHttpApp } from '../../../support/http-app.js';
import { Input, type Kind, type Reply, registered, type Source, type Stage } from '../index.js';

@InputType('Asked')
class AskedInput extends Input {
  @Field(() => String) declare kind: string;
  @Field(() => String) declare id: string;
  @Field(() => String, { nullable: true }) declare turnedAwayBy?: Input['turnedAwayBy'];
  @Field(() => Int, { nullable: true }) declare amount?: number;
}

@ObjectType()
class Parcel extends Input {
  @Field(() => String) declare kind: string;
  @Field(() => String) declare id: string;
}

@Resolver()
class Parcels {
  @Query(() => Parcel)
  parcel(@Args('input') input: AskedInput) {
    return input;
  }
}

/** A query, or a mutation. */
function operation(stage: Stage, kind: Kind, Operation: typeof Query | typeof Mutation) {
  class Host {
    readonly stage = stage;

    @stage.handles(
      kind,
      'input.id',
      Operation(() => String, { name: kind.name }),
      UseGuards(stage.guard),
    )
    handle(@Args('input', stage.pipe) input: AskedInput, @CurrentJob() run: JobRun) {
      return this.stage.perform(run, input);
    }
  }
  return registered(Host, kind);
}

/** Nest runs neither guards nor interceptors for it, unless the app asks for them. */
function field(stage: Stage, kind: Kind) {
  class Host {
    readonly stage = stage;

    @stage.handles(
      kind,
      'parcel.id',
      ResolveField(() => String, { name: kind.name }),
    )
    handle(@Parent() parcel: Parcel, @CurrentJob() run: JobRun) {
      return this.stage.perform(run, parcel);
    }
  }
  Resolver(() => Parcel, { isAbstract: kind.inherited || kind.perRequest || false })(Host);
  return registered(Host, kind);
}

interface GraphqlKind extends Pick<Source, 'name' | 'turnsAway'> {
  host(stage: Stage, kind: Kind): new () => object;
  of?: () => unknown;
  document(kind: string): string;
  answer(data: Record<string, unknown>, kind: string): unknown;
}

const asked = '($input: Asked!)';
const GRAPHQL: GraphqlKind[] = [
  {
    name: 'a GraphQL query',
    turnsAway: ['guard', 'pipe'],
    host: (stage, kind) => operation(stage, kind, Query),
    document: (kind) => `query ${asked} { ${kind}(input: $input) }`,
    answer: (data, kind) => data[kind],
  },
  {
    name: 'a GraphQL mutation',
    turnsAway: ['guard', 'pipe'],
    host: (stage, kind) => operation(stage, kind, Mutation),
    document: (kind) => `mutation ${asked} { ${kind}(input: $input) }`,
    answer: (data, kind) => data[kind],
  },
  {
    name: 'a GraphQL field',
    turnsAway: [],
    host: field,
    of: () => Parcel,
    document: (kind) => `query ${asked} { parcel(input: $input) { ${kind} } }`,
    answer: ({ parcel }, kind) => (parcel as Record<string, unknown>)[kind],
  },
];

export const graphql = GRAPHQL.map(
  ({ host, of, document, answer, ...kindOf }): Source => ({
    ...kindOf,
    family: 'caller',
    answers: true,
    perRequest: true,
    async start(stage) {
      const providers = stage.kinds.map((kind) => {
        const Host = host(stage, kind);
        Resolver(of as never)(Host);
        return Host;
      });
      const options: MercuriusDriverConfig = { driver: MercuriusDriver, autoSchemaFile: true };
      const app = await startHttpApp({
        ...stage.app,
        imports: [GraphQLModule.forRoot<MercuriusDriverConfig>(options)],
        providers: [Parcels, ...providers],
        adapter: new FastifyAdapter(),
      });
      return {
        app,
        async send(input): Promise<Reply> {
          const { body } = await app.post('/graphql', { query: document(input.kind), variables: { input } });
          const { data, errors } = body as { data: Record<string, unknown> | null; errors?: unknown[] };
          return errors ? { error: errors[0] } : { answer: answer(data ?? {}, input.kind) };
        },
      };
    },
  }),
);
