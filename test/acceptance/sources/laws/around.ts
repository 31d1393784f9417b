import { expect, test, vi } from 'vitest';
import type { Bed } from '../bed.js';
import { history } from '../histories.js';
import { Input } from '../input.js';

/** What Nest does around the handler, and what it looks for on its class. */
export function lawsOfSurroundings(bed: Bed): void {
  test.for(bed.source.turnsAway)('an input that a %s turns away claims nothing', async (by) => {
    const work = vi.fn();
    const { call, reply } = bed.app.sends('plain', `turned away by a ${by}`, work, { turnedAwayBy: by });
    expect(await call).toEqual({ turnedAway: by });
    if (bed.source.answers) expect(await reply).toEqual({ error: expect.anything() });
    expect(work).not.toHaveBeenCalled();
    expect(await bed.tracker.get({ kind: 'plain', id: `turned away by a ${by}` })).toBeNull();
  });

  if (bed.source.turnsAway.includes('pipe'))
    test('a pipe is told the class of the parameter, and the handler gets what it makes', async () => {
      const work = vi.fn(() => 'done');
      await bed.app.calls('plain', 'piped', work);
      expect(work).toHaveBeenCalledExactlyOnceWith(expect.anything(), expect.any(Input));
    });

  test('a handler that its class inherits is tracked like one of its own', async () => {
    await bed.app.calls('inherited', 'inherited', () => 'done');
    expect(await bed.history('inherited', 'inherited')).toEqual(history.success);
  });

  if (bed.source.perRequest)
    test('a handler of a class that Nest makes for each request is tracked like any other', async () => {
      await bed.app.calls('perRequest', 'per request', () => 'done');
      const again = vi.fn();
      bed.tells('duplicate', await bed.app.calls('perRequest', 'per request', again));
      expect(again).not.toHaveBeenCalled();
      expect(await bed.history('perRequest', 'per request')).toEqual(history.success);
      expect(bed.app.stage.calls.hosts.get('perRequest')?.size).toBe(2);
    });

  test.for([
    ['stands above the decorators of its source', 'above'],
    ['stands below a decorator that replaces the method', 'wrapped'],
  ] as const)('a handler whose @Tracked %s is tracked, and its duplicates are told as ever', async ([, kind]) => {
    await bed.app.calls(kind, kind, () => 'done');
    const again = vi.fn();
    bed.tells('duplicate', await bed.app.calls(kind, kind, again));
    expect(again).not.toHaveBeenCalled();
    expect(await bed.history(kind, kind)).toEqual(history.success);
  });

  test('the method has its own name', () => {
    expect(bed.app.stage.calls.names).toEqual(bed.app.stage.calls.names.map(({ key }) => ({ key, name: key })));
    expect(bed.app.stage.calls.names).not.toEqual([]);
  });
}
