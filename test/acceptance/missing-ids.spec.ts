// An id that cannot be found, among many handlers that nobody waits for: the log must say which handler it was.
import { HttpException, Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { InvalidJobError, InvalidOptionsError, JobTrackingError, Tracked } from 'nestjs-job-tracking';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../support/thrown.js';
import { useTrackedApp } from '../support/tracked-app.js';

interface Event {
  id?: string;
  customer?: { id: string };
}
const refusal = new InvalidJobError('key', 'expected key to be a text, got: undefined');

@Injectable()
class Mails {
  @OnEvent('joined')
  @Tracked('event.id', 'greet')
  greet(event: Event) {
    return event.id;
  }

  @OnEvent('left')
  @Tracked((event: Event) => event.id as string, 'forget')
  forget(_event: Event) {}

  @OnEvent('left')
  @Tracked((event: Event) => ({ id: event.id as string }), 'mourn')
  mourn(_event: Event) {}

  @OnEvent('paid')
  @Tracked((event: Event) => (event.customer as { id: string }).id, 'thank')
  thank(_event: Event) {}

  @OnEvent('paid')
  @Tracked(() => {
    throw refusal;
  }, 'bill')
  bill(_event: Event) {}

  @OnEvent('paid')
  @Tracked(() => {
    throw new HttpException('a teapot', 418);
  }, 'brew')
  brew(_event: Event) {}

  @OnEvent('paid')
  @Tracked((event: Event) => ({ id: event.id as string, priority: 10 }), 'rank')
  rank(_event: Event) {}

  @OnEvent('paid')
  @Tracked((event: Event) => ({ id: event.id, prioriti: 1 }) as never, 'slip')
  slip(_event: Event) {}
}

describe('what is thrown names the class and the method:', () => {
  const bed = useTrackedApp({ providers: [Mails] });
  const thrown = (method: keyof Mails, event: Event = {}) =>
    thrownBy(() => bed.app.nest.get(Mails)[method](event), JobTrackingError);

  test.each<[what: string, method: keyof Mails, message: string, field: string]>([
    ['a source that finds nothing', 'greet', "expected a job id at 'event.id', got: undefined", 'event.id'],
    ['a function that gives nothing', 'forget', 'expected id to be a text of 1 to 512 bytes, got: undefined', 'id'],
    [
      'a function that gives a job without an id',
      'mourn',
      'expected id to be a text of 1 to 512 bytes, got: undefined',
      'id',
    ],
  ])('%s', async (_, method, message, field) => {
    const error = await thrown(method);
    expect(error).toBeInstanceOf(InvalidJobError);
    expect(error).toMatchObject({ message: `@Tracked on Mails.${method}: ${message}`, field });
  });

  test('an id that is malformed', async () => {
    const error = await thrown('greet', { id: '' });
    expect(error.message).toBe(
      '@Tracked on Mails.greet: expected id to be a text of 1 to 512 bytes, got: an empty text',
    );
  });

  test('a function that gives a key too many', async () => {
    const error = await thrown('slip', { id: '1' });
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(error.message).toContain('@Tracked on Mails.slip: what the id function gave: unknown option');
  });

  test('a function that refuses by an error of this library, whose field stays', async () => {
    expect(await thrown('bill')).toMatchObject({
      name: 'InvalidJobError',
      message: '@Tracked on Mails.bill: expected key to be a text, got: undefined',
      field: 'key',
      cause: refusal,
    });
  });

  test('a function that fails', async () => {
    const error = await thrown('thank');
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(error.message).toBe(
      `@Tracked on Mails.thank: expected the id function to give an id, got: "TypeError: Cannot read properties of undefined (reading 'id')"`,
    );
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  test('what else the function gave of the job', async () => {
    expect(await thrown('rank', { id: '1' })).toMatchObject({
      message: '@Tracked on Mails.rank: expected priority to be a whole number from 0 to 9, got: 10',
      field: 'priority',
    });
  });

  test('an error of a class of its own is somebody’s answer, and passes as it is', async () => {
    expect(await thrownBy(() => bed.app.nest.get(Mails).brew({}), HttpException)).toMatchObject({
      message: 'a teapot',
    });
    expect(await bed.tracker.count()).toBe(0);
  });
});
