import { addressOf, urlOf } from './brokers.js';

/** For ioredis, and for whatever hands its options on to it. */
export function redisOptions(): { host: string; port: number; username?: string; password?: string; db?: number } {
  const { username, password, pathname } = new URL(urlOf('redis'));
  return {
    ...addressOf('redis'),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(pathname.length > 1 && { db: Number(pathname.slice(1)) }),
  };
}
