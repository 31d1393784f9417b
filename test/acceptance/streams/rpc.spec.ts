// Handlers of messages that answer with streams: each value is a reply of its own, and the run ends with the last one.
import type { AddressInfo, Server } from 'node:net';
import { Controller } from '@nestjs/common';
import { type ClientProxy, ClientProxyFactory, EventPattern, MessagePattern, Transport } from '@nestjs/microservices';
import { Tracked } from 'nestjs-job-tracking';
import { concat, lastValueFrom, NEVER, type Observable, of, Subject, take, throwError, toArray } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { useTrackedApp } from '../../support/tracked-app.js';

interface Asked {
  id: string;
}

const pushed = new Subject<string>();
const STREAMS: Record<string, () => Observable<unknown>> = {
  whole: () => of('a', 'b', 'c'),
  broken: () =>
    concat(
      of('a'),
      throwError(() => new Error('broken')),
    ),
  pushed: () => pushed,
  endless: () => concat(of('a'), NEVER),
};

const streamOf = ({ id }: Asked) => STREAMS[id]?.() ?? of(id);

@Controller()
class Streams {
  @MessagePattern('answer')
  @Tracked('id', { kind: 'answer', maxAttempts: 2 })
  async answer(asked: Asked) {
    return streamOf(asked);
  }

  @MessagePattern('bounded')
  @Tracked('id', { kind: 'bounded', timeout: 300 })
  bounded(asked: Asked): Observable<unknown> {
    return streamOf(asked);
  }

  @EventPattern('event')
  @Tracked('id', { kind: 'event', maxAttempts: 2 })
  async event(asked: Asked) {
    return streamOf(asked);
  }
}

let client: ClientProxy;
const app = useTrackedApp({
  controllers: [Streams],
  prepare: (nest) => {
    nest.connectMicroservice({ transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } });
  },
});
beforeAll(async () => {
  await app.app.nest.startAllMicroservices();
  const [server] = app.app.nest.getMicroservices().map((one) => one.unwrap<Server>()) as [Server];
  const { port } = server.address() as AddressInfo;
  client = ClientProxyFactory.create({ transport: Transport.TCP, options: { host: '127.0.0.1', port } });
});
afterAll(() => client?.close());

const asks = (pattern: string, id: string) => client.send<unknown, Asked>(pattern, { id });
const outcomes = async (kind: string, id: string) =>
  (await app.tracker.attempts({ kind, id })).map(({ outcome, error }) => [outcome, error?.message ?? null]);
const recorded = (kind: string, id: string, expected: unknown[]) =>
  eventually(async () => expect(await outcomes(kind, id)).toEqual(expected));

test('each value is sent as it comes, and the stream completes when its outcome has been recorded', async () => {
  expect(await lastValueFrom(asks('answer', 'whole').pipe(toArray()))).toEqual(['a', 'b', 'c']);
  expect(await outcomes('answer', 'whole')).toEqual([['succeeded', null]]);
});

test('a duplicate of a stream that has ended is refused, and told as any other error', async () => {
  await lastValueFrom(asks('answer', 'twice'));
  await expect(lastValueFrom(asks('answer', 'twice'))).rejects.toMatchObject({ message: 'Internal server error' });
  expect(await outcomes('answer', 'twice')).toEqual([['succeeded', null]]);
});

test('a stream that fails has sent what came before, is told as an error, and is a failed attempt', async () => {
  const sent: unknown[] = [];
  const told = await new Promise((resolve) => {
    asks('answer', 'broken').subscribe({ next: (value) => sent.push(value), error: resolve });
  });
  expect([sent, told]).toMatchObject([['a'], { message: 'Internal server error' }]);
  expect(await outcomes('answer', 'broken')).toEqual([['failed', 'broken']]);
});

test('a client that reads no more does not end the run: no one tells the server, and what comes is recorded', async () => {
  const first = lastValueFrom(asks('answer', 'pushed').pipe(take(1)));
  await eventually(() => expect(pushed.observed).toBe(true));
  pushed.next('a');
  expect(await first).toBe('a');
  expect(await app.tracker.get({ kind: 'answer', id: 'pushed' })).toMatchObject({ status: 'in_progress' });
  pushed.complete();
  await recorded('answer', 'pushed', [['succeeded', null]]);
});

test('a stream without an end is ended by its timeout, and told as an error', async () => {
  await expect(lastValueFrom(asks('bounded', 'endless'))).rejects.toMatchObject({ message: 'Internal server error' });
  await recorded('bounded', 'endless', [['failed', 'The run took longer than its timeout of 300 ms']]);
});

test('the stream of an event, which nobody reads, is read to its end by Nest and recorded', async () => {
  await lastValueFrom(client.emit('event', { id: 'whole' }), { defaultValue: undefined });
  await recorded('event', 'whole', [['succeeded', null]]);
});

test('the stream of an event that fails is a failed attempt, and the process lives on', async () => {
  await lastValueFrom(client.emit('event', { id: 'broken' }), { defaultValue: undefined });
  await recorded('event', 'broken', [['failed', 'broken']]);
});
