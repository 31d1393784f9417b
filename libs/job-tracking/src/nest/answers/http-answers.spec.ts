import { type ExecutionContext, HttpException } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import {
  InvalidJobError,
  InvalidOptionsError,
  JobInterruptedError,
  JobRefusedError,
  JobTimeoutError,
  JobTrackingError,
  LeaseLostError,
  StoreUnavailableError,
} from '../../protocol/index.js';
import { HTTP_STATUS, httpAnswer, markReplayed } from './http-answers.js';

function request() {
  const headers: Record<string, string> = {};
  const response = { header: (name: string, value: string) => Object.assign(headers, { [name]: value }) };
  const context = { switchToHttp: () => ({ getResponse: () => response }) } as unknown as ExecutionContext;
  return { context, headers };
}

class Refused extends JobRefusedError {
  override readonly code: string = 'JOB_LOCKED';
}

test.each<[error: JobTrackingError, status: number, retryAfter: number | undefined]>([
  [new Refused('locked', null, 1), 409, 1],
  [new Refused('locked', null, 1_000), 409, 1],
  [new Refused('locked', null, 1_001), 409, 2],
  [new Refused('locked', null, 0), 409, 1],
  [new Refused('for good', null), 409, undefined],
  [new LeaseLostError('lost'), 409, undefined],
  [new JobTimeoutError('late'), 504, undefined],
  [new JobInterruptedError('stopping'), 503, 5],
  [new StoreUnavailableError('away'), 503, 5],
  [new InvalidJobError('id', 'bad id'), 400, undefined],
])('%s', (error, status, retryAfter) => {
  const { context, headers } = request();
  const answer = httpAnswer(context, error) as HttpException;
  expect(answer).toBeInstanceOf(HttpException);
  expect(answer.getStatus()).toBe(status);
  expect(answer.cause).toBe(error);
  const { code, message } = error;
  expect(answer.getResponse()).toEqual({ statusCode: status, code, message, ...(retryAfter && { retryAfter }) });
  expect(headers).toEqual(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) });
});

describe('an error that is no answer is passed on as it is', () => {
  test.each([new Error('boom'), 'a text', null, new HttpException('teapot', 418), new InvalidOptionsError('slip')])(
    '%s',
    (error) => {
      const { context, headers } = request();
      expect(httpAnswer(context, error)).toBe(error);
      expect(headers).toEqual({});
    },
  );
});

test('every status is one that clients and proxies do not retry by themselves, at once', () => {
  expect(Object.values(HTTP_STATUS)).not.toEqual(expect.arrayContaining([425]));
  expect(Object.values(HTTP_STATUS)).not.toEqual(expect.arrayContaining([410]));
});

test('a replay is marked', () => {
  const { context, headers } = request();
  markReplayed(context);
  expect(headers).toEqual({ 'Idempotent-Replayed': 'true' });
});
