import { execFileSync } from 'node:child_process';

/** PostgreSQL refuses to run as root: how a program is started as somebody else. */
export interface UnprivilegedUser {
  /** What stands before the program. */
  prefix: string[];
  /** What Node is told at the start of a program. */
  ids: { uid?: number; gid?: number };
  /** Whose the data folder must be; who is not root keeps what is his. */
  owner?: { uid: number; gid: number };
}

export function findUnprivilegedUser(): UnprivilegedUser {
  if (process.getuid?.() !== 0) return { prefix: [], ids: {} };
  for (const way of [inNamespace, withRootsReach, dropped]) {
    const user = way();
    if (user) return user;
  }
  throw new Error('PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as');
}

/** A user namespace that maps root to `nobody`. Files stay root's, so that a clone below a 0700 folder works. */
function inNamespace(): UnprivilegedUser | undefined {
  const { uid, gid } = idsOf('nobody') ?? {};
  const prefix = ['unshare', '-U', `--map-user=${uid}`, `--map-group=${gid}`];
  return works(prefix) ? { prefix, ids: {} } : undefined;
}

/** As `nobody`, who may pass every folder as root does. For containers, which forbid namespaces as a rule. */
function withRootsReach(): UnprivilegedUser | undefined {
  const owner = idsOf('nobody');
  if (!owner) return undefined;
  const become = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  // The secure bit is for access(2), which initdb asks about its own programs: without it, nobody's answer would be no.
  const reach = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'];
  const prefix = ['setpriv', ...become, ...reach, '--'];
  return works(prefix) ? { prefix, ids: {}, owner } : undefined;
}

/** As somebody else and no more: the programs and the data folder must lie where he may go. */
function dropped(): UnprivilegedUser | undefined {
  const ids = idsOf('postgres') ?? idsOf('nobody');
  return ids && { prefix: [], ids, owner: ids };
}

function works([file = '', ...args]: string[]): boolean {
  try {
    execFileSync(file, [...args, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // no such program, too old a one, or forbidden here
  }
}

function idsOf(user: string): { uid: number; gid: number } | undefined {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}
