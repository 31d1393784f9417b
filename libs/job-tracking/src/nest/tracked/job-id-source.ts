import type { ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { InvalidJobError, InvalidOptionsError, refuseUnknownKeys, shown } from '../../protocol/index.js';

/**
 * Where a handler's job id comes from. A text: the handler's own argument of that name after its pipes (the name in its parameter decorator,
 * else the parameter's own name), then the payload by dotted path; 'body.x', 'params.x', 'query.x', 'headers.x' pin the place on HTTP.
 * A function gets the handler's arguments and may also give data to keep, without which nobody can run the job again. An id of several parts is put
 * together by `jobId`.
 */
// biome-ignore lint/suspicious/noExplicitAny: the arguments are the handler's own
export type JobIdSource = string | ((...args: any[]) => string | GivenJob);

export interface GivenJob {
  id: string;
  data?: unknown;
  runAt?: Date;
  priority?: number;
}

/** A handler's parameters as its decorators and its source tell them. */
export interface HandlerParameters {
  names: readonly string[];
  decorated: readonly DecoratedParameter[];
}

interface DecoratedParameter {
  place: string | undefined;
  index: number;
  name: string | undefined;
}

const PLACES: Readonly<Record<number, string>> = {
  [RouteParamtypes.BODY]: 'body',
  [RouteParamtypes.QUERY]: 'query',
  [RouteParamtypes.PARAM]: 'params',
  [RouteParamtypes.HEADERS]: 'headers',
};
const GIVEN_KEYS = ['id', 'data', 'runAt', 'priority'];

/** Thrown by what an id function reads, not by somebody who means an answer. */
const FAULTS: readonly unknown[] = [Error, TypeError, RangeError, ReferenceError];

/** What the arguments say of the job. Throws InvalidJobError whose field is the source, and InvalidOptionsError for a function that fails. */
export function jobFrom(
  source: JobIdSource,
  args: unknown[],
  parameters: HandlerParameters,
  context: ExecutionContext | undefined,
): GivenJob {
  if (typeof source === 'function') return givenBy(() => source(...args));
  const id = lookUp(source, args, parameters, context);
  if (id === undefined || id === null)
    throw new InvalidJobError(source, `expected a job id at '${source}', got: ${shown(id)}`);
  return { id: id as string };
}

function givenBy(source: () => unknown): GivenJob {
  const given = called(source);
  if (typeof given !== 'object' || given === null) return { id: given as string };
  refuseUnknownKeys(given, GIVEN_KEYS, 'what the id function gave');
  return given as GivenJob;
}

function called(source: () => unknown): unknown {
  try {
    return source();
  } catch (cause) {
    if (!(cause instanceof Error && FAULTS.includes(cause.constructor))) throw cause;
    const got = shown(`${cause.name}: ${cause.message}`);
    throw new InvalidOptionsError(`expected the id function to give an id, got: ${got}`, { cause });
  }
}

function lookUp(
  source: string,
  args: unknown[],
  { names, decorated }: HandlerParameters,
  context: ExecutionContext | undefined,
): unknown {
  const [head = '', ...rest] = source.split('.');
  const request =
    context?.getType() === 'http' ? context.switchToHttp().getRequest<Record<string, unknown>>() : undefined;
  if (request && rest.length > 0 && Object.values(PLACES).includes(head))
    return pinned(head, rest, args, decorated, request);
  return firstDefined([
    ...decorated
      .filter((parameter) => parameter.name === source)
      .map(
        ({ index }) =>
          () =>
            args[index],
      ),
    () => args[names.indexOf(source)],
    () => at(args[names.indexOf(head)], rest),
    ...decorated
      .filter(({ place, name }) => place && name === undefined)
      .map(
        ({ index }) =>
          () =>
            at(args[index], [head, ...rest]),
      ),
    ...['params', 'body', 'query'].map((place) => () => at(request?.[place], [head, ...rest])),
    ...(request ? [] : args.map((argument) => () => at(argument, [head, ...rest]))),
  ]);
}

/** The handler's own argument where it takes that part of the request, else the request's. */
function pinned(
  place: string,
  path: string[],
  args: unknown[],
  decorated: readonly DecoratedParameter[],
  request: Record<string, unknown>,
): unknown {
  const whole = decorated.find((parameter) => parameter.place === place && parameter.name === undefined);
  const part = decorated.find(
    (parameter) => parameter.place === place && parameter.name?.toLowerCase() === path.join('.').toLowerCase(),
  );
  const header = place === 'headers' ? path.map((step) => step.toLowerCase()) : path;
  return firstDefined([
    () => part && args[part.index],
    () => whole && at(args[whole.index], path),
    () => at(request[place], header),
  ]);
}

function firstDefined(looks: readonly (() => unknown)[]): unknown {
  for (const look of looks) {
    const found = look();
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}

/** By own properties only: `constructor` is nobody's id. */
function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return found;
}

/** Reads what the parameter decorators noted on the class. Called at the first run: decorators of the class may come after the method's. */
export function decoratedParameters(target: object, key: string | symbol): DecoratedParameter[] {
  const noted: Record<string, { index: number; data?: unknown }> =
    Reflect.getMetadata(ROUTE_ARGS_METADATA, target.constructor, key) ?? {};
  return Object.entries(noted).map(([type, { index, data }]) => ({
    place: PLACES[Number(type.split(':')[0])],
    index,
    name: typeof data === 'string' ? data : undefined,
  }));
}
