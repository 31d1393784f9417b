// What a route hides by class (@Exclude under Nest's ClassSerializerInterceptor) stays hidden when its stored output is replayed.
import {
  ClassSerializerInterceptor,
  Controller,
  Get,
  Injectable,
  type ModuleMetadata,
  type NestInterceptor,
  Param,
  Post,
  Scope,
  SerializeOptions,
  UseInterceptors,
} from '@nestjs/common';
import { APP_INTERCEPTOR, Reflector } from '@nestjs/core';
import { OnEvent } from '@nestjs/event-emitter';
import { Query } from '@nestjs/graphql';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { SubscribeMessage } from '@nestjs/websockets';
import { Exclude, Type } from 'class-transformer';
import { Consume, defineJob, InvalidOptionsError, type JobRun, Tracked } from 'nestjs-job-tracking';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type AppOptions, startApp } from '../../support/app.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { type HttpApp, PLATFORMS, startHttpApp } from '../../support/http-app.js';
import { thrownBy } from '../../support/thrown.js';

class Secret {
  readonly kept = 'shown';
  @Exclude() readonly pin = '1234';
}

class Account {
  @Exclude() readonly password = 'hunter2';
  @Type(() => Secret) readonly secret = new Secret();
  constructor(readonly id: string) {}
}

@Injectable()
class OwnSerializer extends ClassSerializerInterceptor {}

@Injectable()
class Other implements NestInterceptor {
  intercept: NestInterceptor['intercept'] = (_context, next) => next.handle();
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

async function startWith(parts: Omit<AppOptions, 'url'>): Promise<void> {
  await using _app = await startApp({ url: database.url, ...parts });
}
const refused = async (parts: Omit<AppOptions, 'url'>) =>
  (await thrownBy(() => startWith(parts), InvalidOptionsError)).message;

const globally: Pick<AppOptions, 'prepare'> = {
  prepare: (nest) => nest.useGlobalInterceptors(new ClassSerializerInterceptor(nest.get(Reflector))),
};
const none: ClassDecorator & MethodDecorator = () => {};

/** A controller of one replaying route, decorated so. */
function accounts(onClass: ClassDecorator, onMethod: MethodDecorator, onDuplicate: 'replay' | 'join' = 'replay') {
  @Controller('accounts')
  @onClass
  class Accounts {
    @Post(':id')
    @onMethod
    @Tracked('id', { kind: 'account', onDuplicate })
    open(@Param('id') id: string) {
      return new Account(id);
    }
  }
  return Accounts;
}

describe('a start that would show what the untracked route hides is stopped, wherever the serializer is bound:', () => {
  const asProvider = (provider: object): Pick<ModuleMetadata, 'providers'> => ({
    providers: [{ provide: APP_INTERCEPTOR, ...provider } as never],
  });
  const plain = accounts(none, none);
  const bound: [where: string, parts: Omit<AppOptions, 'url'>, by?: string][] = [
    ['to the app', { controllers: [plain], ...globally }],
    ['as a provider', { controllers: [plain], ...asProvider({ useClass: ClassSerializerInterceptor }) }],
    ['as a subclass', { controllers: [plain], ...asProvider({ useClass: OwnSerializer }) }, 'OwnSerializer'],
    [
      'as a provider that is made for each request',
      { controllers: [plain], ...asProvider({ useClass: ClassSerializerInterceptor, scope: Scope.REQUEST }) },
    ],
    ['to the controller', { controllers: [accounts(UseInterceptors(ClassSerializerInterceptor), none)] }],
    ['to the method', { controllers: [accounts(none, UseInterceptors(Other, ClassSerializerInterceptor))] }],
    [
      'as an instance',
      { controllers: [accounts(none, UseInterceptors(new ClassSerializerInterceptor(new Reflector())))] },
    ],
    ['under join', { controllers: [accounts(none, none, 'join')], ...globally }],
  ];

  test.each(bound)('%s', async (where, parts, by = 'ClassSerializerInterceptor') => {
    const onDuplicate = where === 'under join' ? 'join' : 'replay';
    expect(await refused(parts)).toBe(
      `@Tracked on Accounts.open: onDuplicate '${onDuplicate}' answers with stored data, of which ${by} hides nothing, as it is no instance of a class any more; ` +
        'give the kind an output schema, or say the class of the answer by @SerializeOptions({ type }), { type: Object } for plain data',
    );
  });

  test('from the app’s defaults', async () => {
    @Controller()
    class Defaults {
      @Post()
      @Tracked('id', 'defaults')
      open() {}
    }
    const tracking = { defaults: { onDuplicate: 'replay' } } as const;
    await startWith({ controllers: [Defaults], tracking });
    expect(await refused({ controllers: [Defaults], tracking, ...globally })).toContain("onDuplicate 'replay'");
  });

  test('options of the method that say no type stand before the type of its class', async () => {
    const typed = SerializeOptions({ type: Account });
    await startWith({ controllers: [accounts(typed, none)], ...globally });
    const untyped = SerializeOptions({ excludePrefixes: ['_'] });
    expect(await refused({ controllers: [accounts(typed, untyped)], ...globally })).toContain('Accounts.open');
  });

  const answering: [what: string, decorator: MethodDecorator][] = [
    ['a message', MessagePattern('open')],
    ['a GraphQL query', Query(() => String)],
    ["a socket's message", SubscribeMessage('open')],
  ];
  test.each(answering)('also where %s is answered', async (_, decorator) => {
    class Handlers {
      @decorator
      @Tracked('id', { kind: 'answering', onDuplicate: 'replay' })
      open(id: string) {
        return new Account(id);
      }
    }
    await startWith({ providers: [Handlers] });
    expect(await refused({ providers: [Handlers], ...globally })).toContain('@SerializeOptions({ type })');
    SerializeOptions({ type: Account })(Handlers);
    await startWith({ providers: [Handlers], ...globally });
  });

  test('also of a provider method, whose replayed output a route may send: there only a schema helps', async () => {
    const methodOf = (kind: object) => {
      @Injectable()
      @SerializeOptions({ type: Account })
      class Opening {
        @Tracked('id', kind)
        open(id: string) {
          return new Account(id);
        }
      }
      return Opening;
    };
    const replaying = methodOf({ kind: 'opening', onDuplicate: 'replay' });
    await startWith({ providers: [replaying] });
    const message =
      "@Tracked on Opening.open: onDuplicate 'replay' gives its caller stored data, of which ClassSerializerInterceptor hides nothing, as it is no instance of a class any more; give the kind an output schema";
    expect(await refused({ providers: [replaying], ...globally })).toBe(message);
    @Controller()
    class Elsewhere {
      @Get()
      @UseInterceptors(ClassSerializerInterceptor)
      untracked() {}
    }
    expect(await refused({ controllers: [Elsewhere], providers: [replaying] })).toBe(message);
    const output = z.object({ id: z.string() });
    const read = methodOf(defineJob('opening', { onDuplicate: 'replay', output }));
    await startWith({ providers: [read], ...globally });
  });

  test('nothing that is sent to nobody, or that is not replayed, is stopped', async () => {
    @Controller()
    class Quiet {
      @EventPattern('opened')
      @Tracked('id', { kind: 'quiet', onDuplicate: 'replay' })
      noted(account: Account) {
        return account;
      }

      @OnEvent('opened')
      @Tracked('id', { kind: 'heard', onDuplicate: 'replay' })
      heard(account: Account) {
        return account;
      }

      @Post(':id')
      @Tracked('id', { kind: 'refusing', onDuplicate: 'rerun' })
      refusing(@Param('id') id: string) {
        return new Account(id);
      }
    }
    await startWith({ controllers: [Quiet], ...globally });
    await startWith({ controllers: [accounts(none, UseInterceptors(Other))] });
  });
});

describe.each(PLATFORMS)(
  'no way out shows a hidden field, to the first caller or to a later one, on %s',
  (_, adapter) => {
    const output = z.object({ id: z.string(), secret: z.object({ kept: z.string() }) });

    @Controller('accounts')
    class Accounts {
      @Post('untracked/:id')
      untracked(@Param('id') id: string) {
        return new Account(id);
      }

      @Post('schema/:id')
      @Tracked('id', defineJob('schema', { onDuplicate: 'replay', output }))
      schema(@Param('id') id: string) {
        return new Account(id);
      }

      @Post('type/:id')
      @SerializeOptions({ type: Account })
      @Tracked('id', { kind: 'type', onDuplicate: 'join' })
      type(@Param('id') id: string) {
        return new Account(id);
      }

      @Post('list/:id')
      @Tracked('id', { kind: 'list', onDuplicate: 'replay' })
      @SerializeOptions({ type: Account })
      list(@Param('id') id: string) {
        return [new Account(id)];
      }

      @Post('plain/:id')
      @SerializeOptions({ type: Object })
      @Tracked('id', { kind: 'plain', onDuplicate: 'replay' })
      plain(@Param('id') id: string) {
        return { id, at: new Date(0) };
      }
    }

    /** Stores what its route replays. */
    @Injectable()
    class Workers {
      @Consume('type', { pollInterval: 10 })
      open(run: JobRun) {
        return new Account(run.job.id);
      }
    }

    let http: HttpApp;
    let own: TestDatabase;
    beforeAll(async () => {
      own = await createTestDatabase();
      const parts = { controllers: [Accounts], providers: [Workers], ...globally };
      http = await startHttpApp({ url: own.url, adapter: adapter(), ...parts });
    });
    afterAll(async () => {
      await http?.close();
      await own?.drop();
    });

    const shown = (id: string) => ({ id, secret: { kept: 'shown' } });

    test.each([
      ['an output schema', 'schema', shown('1')],
      ['the class that the options name', 'type', shown('1')],
      ['a list of that class', 'list', [shown('1')]],
      ['plain data', 'plain', { id: '1', at: '1970-01-01T00:00:00.000Z' }],
    ])('%s', async (_way, kind, body) => {
      expect((await http.post('/accounts/untracked/1')).body).toEqual(shown('1'));
      for (const replayed of [null, 'true']) {
        const answer = await http.post(`/accounts/${kind}/1`);
        expect(answer).toMatchObject({ status: 201 });
        expect(answer.body).toEqual(body);
        expect(answer.headers.get('idempotent-replayed')).toBe(replayed);
      }
    });

    test('what a consumer has stored is hidden alike', async () => {
      await http.tracker.register({ kind: 'type', id: 'consumed' });
      await eventually(async () =>
        expect(await http.tracker.get({ kind: 'type', id: 'consumed' })).toMatchObject({
          output: { password: 'hunter2' },
        }),
      );
      expect((await http.post('/accounts/type/consumed')).body).toEqual(shown('consumed'));
    });
  },
);
