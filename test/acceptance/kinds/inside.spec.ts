// Handlers that something inside the process calls, or a queue of its own.
import { describeSources } from './describe-source.js';
import { commands } from './sources/commands.js';
import { listeners } from './sources/events.js';
import { plainMethod } from './sources/plain.js';
import { queues } from './sources/queues.js';
import { timers } from './sources/timers.js';

describeSources([plainMethod, commands, listeners, ...timers, queues]);
