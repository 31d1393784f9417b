import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type AppOptions, startApp, type TestApp } from './app.js';

/** The platforms that every law about HTTP holds on: `describe.each(PLATFORMS)('on %s', (_, adapter) => …)`. */
export const PLATFORMS: [name: string, adapter: () => AbstractHttpAdapter][] = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
];

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

export interface HttpApp extends TestApp {
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/** An app that listens on a free port. */
export async function startHttpApp(options: AppOptions): Promise<HttpApp> {
  const app = await startApp(options);
  await app.nest.listen(0, '127.0.0.1');
  const base = await app.nest.getUrl();
  const call: HttpApp['call'] = async (method, path, body, headers = {}) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: { ...json, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : parsed(text) };
  };
  return { ...app, call, post: (path, body, headers) => call('POST', path, body, headers) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
