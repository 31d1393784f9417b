// Handlers that something inside the process calls, or a queue of its own.
import { describeSources } from './describe-source.js';
import { commands } from './each/commands.js';
import { listeners } from './each/events.js';
import { plainMethod } from './each/plain.js';
import { queues } from './each/queues.js';
import { timers } from './each/timers.js';

describeSources([plainMethod, commands, listeners, ...timers, queues]);
