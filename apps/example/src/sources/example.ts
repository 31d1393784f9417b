import type { INestApplicationContext, LoggerService } from '@nestjs/common';
import type { JobKey } from 'nestjs-job-tracking';
import type { Broker } from './brokers.js';

/** Where an example's app finds what it works with. */
export interface Places {
  /** Of the database. */
  clientUrl: string;
  /** Of the broker that it needs; empty where it needs none. */
  brokerUrl: string;
  /** New every time, for ids and for queues that no other run shares. */
  mark: string;
}

/** Whoever sends an example its inputs. */
export interface Sender extends Places {
  /** Tells what was sent, and what came back. */
  say(what: string, answer?: unknown): void;
  /** Resolves when the tracker has said a line that begins so, also one that it has said before. */
  heard(beginning: string): Promise<void>;
}

/** An app with one source of calls, and what may be sent to it. */
export interface Example<App extends INestApplicationContext = INestApplicationContext> {
  needs?: Broker;
  start(places: Places, logger: LoggerService): Promise<App>;
  /** A few inputs, one of them twice; answers the jobs that they were. */
  send(app: App, sender: Sender): Promise<JobKey[]>;
}
