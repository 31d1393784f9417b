// Routes that answer with streams, on both platforms: a client that reads to the end, one that goes away, a stream that fails.
import { Readable } from 'node:stream';
import { Controller, Get, Param, Sse, StreamableFile } from '@nestjs/common';
import { Tracked } from 'nestjs-job-tracking';
import { concat, interval, map, type Observable, of, throwError } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { type HttpApp, PLATFORMS, startHttpApp } from '../../support/http-app.js';

@Controller()
class Streams {
  @Get('observable/:id')
  @Tracked('id', 'observable')
  observable(@Param('id') id: string): Observable<unknown> {
    return id === 'broken'
      ? concat(
          of(1),
          throwError(() => new Error('broken')),
        )
      : of({ id, part: 1 }, { id, part: 2 });
  }

  @Sse('events/:id')
  @Tracked('id', { kind: 'events', lease: 500 })
  events(@Param('id') id: string): Observable<{ data: string }> {
    return id.startsWith('endless')
      ? interval(5).pipe(map((n) => ({ data: `${n}` })))
      : of({ data: 'a' }, { data: 'b' });
  }

  @Get('file/:id')
  @Tracked('id', 'file')
  file(@Param('id') id: string): StreamableFile {
    const endless = new Readable({
      read() {
        setTimeout(() => this.push('x'.repeat(1_000)), 1);
      },
    });
    return new StreamableFile(id === 'endless' ? endless : Readable.from([Buffer.from('a,b\n'), Buffer.from('1,2\n')]));
  }
}

describe.each(PLATFORMS)('on %s', (_, adapter) => {
  let database: TestDatabase;
  let app: HttpApp;
  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startHttpApp({ url: database.url, adapter: adapter(), controllers: [Streams] });
  });
  afterAll(async () => {
    // What has left in the middle may have connected anew, and asks nothing: the server would wait for it.
    app?.nest.getHttpServer().closeAllConnections();
    await app?.close();
    await database?.drop();
  });

  const ends = async (kind: string, id: string) =>
    (await app.tracker.attempts({ kind, id })).map(({ outcome }) => outcome);
  const recorded = (kind: string, id: string, outcomes: string[]) =>
    eventually(async () => expect(await ends(kind, id)).toEqual(outcomes));
  const get = (path: string) => app.call('GET', path);

  test('an Observable is answered by its last value, when it has been recorded', async () => {
    expect(await get('/observable/1')).toMatchObject({ status: 200, body: { id: '1', part: 2 } });
    expect(await ends('observable', '1')).toEqual(['succeeded']);
    expect(await get('/observable/1')).toMatchObject({ status: 409, body: { code: 'JOB_ALREADY_SUCCEEDED' } });
  });

  test('an Observable that fails is a 500, and a failed attempt', async () => {
    expect(await get('/observable/broken')).toMatchObject({ status: 500 });
    expect(await ends('observable', 'broken')).toEqual(['failed']);
  });

  test('server-sent events are recorded when they end', async () => {
    const { body } = await get('/events/1');
    expect(String(body).match(/data: .*/g)).toEqual(['data: a', 'data: b']);
    await recorded('events', '1', ['succeeded']);
  });

  test('server-sent events whose client goes away are interrupted', async () => {
    await leaveInTheMiddle('/events/endless');
    await recorded('events', 'endless', ['interrupted']);
    expect(await app.tracker.get({ kind: 'events', id: 'endless' })).toMatchObject({ status: 'pending', failures: 0 });
  });

  test('server-sent events whose client goes away before Nest has subscribed are interrupted after a lease', async () => {
    const gone = new AbortController();
    const answer = fetch(`${await app.nest.getUrl()}/events/${encodeURIComponent('endless, early')}`, {
      signal: gone.signal,
    });
    await eventually(async () =>
      expect(await app.tracker.get({ kind: 'events', id: 'endless, early' })).not.toBeNull(),
    );
    gone.abort();
    await answer.catch(() => {});
    await recorded('events', 'endless, early', ['interrupted']);
  });

  test('a file is recorded when it has been sent', async () => {
    expect(await get('/file/1')).toMatchObject({ status: 200, body: 'a,b\n1,2\n' });
    await recorded('file', '1', ['succeeded']);
  });

  test('a file whose client goes away is interrupted', async () => {
    await leaveInTheMiddle('/file/endless');
    await recorded('file', 'endless', ['interrupted']);
  });

  async function leaveInTheMiddle(path: string): Promise<void> {
    const leaving = new AbortController();
    const { body } = await fetch(`${await app.nest.getUrl()}${path}`, { signal: leaving.signal });
    const reader = body?.getReader();
    // The headers alone may come before anybody has subscribed.
    for (let sent = ''; sent.trim() === ''; ) sent += new TextDecoder().decode((await reader?.read())?.value);
    leaving.abort();
  }
});
