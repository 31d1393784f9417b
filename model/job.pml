/*
 * The protocol of one job: claim, renew, record, takeover, sending again, commit fence. docs/model.md says what it shows and what it leaves
 * out. `npm run model` checks it, then breaks it: each twin (a name that is defined) lacks one rule, and must be seen to break its promise.
 */

#ifndef WORKERS
#define WORKERS 2 /* or 3 */
#endif
#define RUNS 3 /* of all workers together. A run is called by its token */
#define LEASE 2 /* ticks of the database's clock */

/* What must never be seen. If ONLY is defined, nothing else is looked at. */
#define HOLDER_KNOWS 1
#define TOKEN_ON_ROW 2
#define ONE_OUTCOME 3
#define OUTCOME_STAYS 4
#define TOKEN_ONCE 5
#define TOLD_TRUE 6
#define FENCE_HOLDS 7
#define CLAIMS_GROW 8
#if defined(ONLY)
#define promise(name, kept) assert(ONLY != name || (kept))
#else
#define promise(name, kept) assert(kept)
#endif

/* ---- The row, and history: claim n was granted to run by[n] and ended as outcome[n]. The last claim is the row's. ---- */

#define NONE 0
#define CRASHED 255 /* any other outcome is the run that wrote it: failed, say, or succeeded and to be run again */

byte claims;    /* 0: the job before the first claim that we look at */
byte by[RUNS + 1];
byte outcome[RUNS + 1];
bool in_progress;
byte left;      /* of the lease, by the database's clock. 0: expired */
byte key_share; /* the run whose transaction has locked the row FOR KEY SHARE */

#define on_row by[claims]
#define granted(run_) (by[1] == run_ || by[2] == run_ || by[3] == run_)
#define stands(run_) (outcome[1] == run_ || outcome[2] == run_ || outcome[3] == run_)

/* ---- Workers ---- */

byte runs;             /* begun */
byte mine[WORKERS];    /* the run that it asks for or has */
bool handler[WORKERS]; /* is at work */
byte held[WORKERS];    /* of the lease, by its own monotonic clock, counted from before the promise was asked for. 0: in doubt */

/* A statement of the run was sent and got no answer: it was executed, or never will be, or will be at any later time, and that twice. */
bool claim_in_doubt[RUNS + 1];
bool record_in_doubt[RUNS + 1];

/* Only promises look at these. */
bool told_lost[RUNS + 1];
byte highest;
byte asking = WORKERS; /* until all runs are begun */

/* ---- The rules, and how twins break them ---- */

#if defined(CLIENT_CLOCK)
#define expired (left <= 1) /* by the clock of a claimer that is a tick ahead */
#else
#define expired (left == 0)
#endif

#if defined(NO_TAKEOVER)
#define free (!in_progress)
#else
#define free (!in_progress || expired)
#endif

#if defined(ANY_TOKEN)
#define used(run_) false
#elif defined(TOKEN_ON_ROW_ONLY)
#define used(run_) (run_ == on_row)
#else
#define used(run_) granted(run_)
#endif

#if defined(UNFENCED_TAKEOVER)
#define fenced false
#else
#define fenced (key_share != NONE)
#endif

#define may_grant(run_) (free && !used(run_) && !fenced && claims < RUNS)

#if defined(NO_TOKEN_CHECK)
#define holds(run_) (in_progress && granted(run_))
#else
#define holds(run_) (in_progress && run_ == on_row)
#endif

#if defined(RENEW_AFTER_OUTCOME)
#define may_renew(run_) (run_ == on_row)
#else
#define may_renew(run_) holds(run_)
#endif

#if defined(RECORD_BY_ID)
#define may_record(run_) granted(run_)
#else
#define may_record(run_) holds(run_)
#endif

#if defined(READ_ROW_ONLY)
#define reads(run_) (outcome[claims] == run_)
#else
#define reads(run_) stands(run_)
#endif

#if defined(LIVENESS)
#define somebodys (on_row == mine[0] || on_row == mine[1]) /* what dead workers have left behind comes to an end */
#else
#define somebodys true
#endif

/* ---- Statements, executed. delay: ticks since it was sent, and since it began, which its now() goes by. ---- */

inline grant(run_) {
  select(delay : 0 .. LEASE);
  promise(TOKEN_ONCE, !granted(run_));
  if
  :: in_progress -> promise(OUTCOME_STAYS, outcome[claims] == NONE); outcome[claims] = CRASHED
  :: else
  fi;
  claims++;
  promise(CLAIMS_GROW, claims > highest);
  highest = claims;
  by[claims] = run_;
  outcome[claims] = NONE;
  in_progress = true;
  left = LEASE - delay;
  printf("  claim %d is granted to run %d, with %d left\n", claims, run_, left)
}

inline renew(run_) {
  select(delay : 0 .. LEASE);
  promise(OUTCOME_STAYS, outcome[claims] == NONE);
  in_progress = true;
#if defined(RENEW_SHORTENS)
  left = LEASE - delay;
#else
  left = (left > LEASE - delay -> left : LEASE - delay);
#endif
  printf("  run %d is renewed, with %d left\n", run_, left)
}

inline record(run_) {
  printf("  the outcome of run %d is written to claim %d, which is run %d's\n", run_, claims, on_row);
  promise(TOKEN_ON_ROW, run_ == on_row);
  promise(ONE_OUTCOME, outcome[claims] == NONE);
  promise(OUTCOME_STAYS, outcome[claims] == NONE || outcome[claims] == run_);
  promise(TOLD_TRUE, !told_lost[run_]);
  outcome[claims] = run_;
  in_progress = false;
  left = 0;
#if defined(COUNTS_CLEARED)
  claims = 0
#endif
}

/* ---- A worker asks for the job, runs it, records its outcome, and asks again ---- */

#define me _pid
#define own mine[me]

/* Workers without a run are all alike: the first of them takes the next. */
#if WORKERS == 2
#define next_in_line (me == 0 || mine[0] != NONE)
#else
#define next_in_line (me == 0 || (mine[0] != NONE && (me == 1 || mine[1] != NONE)))
#endif

inline starts() { handler[me] = true; delay = 0 }
inline ends() { handler[me] = false; own = NONE; held[me] = 0; delay = 0 }
inline dies() { printf("worker %d dies in run %d, and is started again\n", me, own); ends() }

inline tells_recorded() {
  printf("worker %d tells that run %d is recorded\n", me, own);
  promise(TOLD_TRUE, stands(own));
  ends()
}

inline tells_lost() {
  printf("worker %d tells that run %d is lost\n", me, own);
  promise(TOLD_TRUE, !stands(own));
  told_lost[own] = true;
  ends()
}

active [WORKERS] proctype worker() {
  byte delay;

asks_anew:
  atomic {
    if
    :: runs < RUNS && next_in_line -> runs++; own = runs
    :: runs == RUNS -> goto leaves
    fi
  }

asks:
  do /* claims, until it is answered */
  :: atomic { may_grant(own) -> printf("worker %d claims for run %d\n", me, own); grant(own);
#if defined(COUNTED_FROM_ANSWER)
       held[me] = LEASE;
#else
       held[me] = LEASE - delay;
#endif
       starts(); goto works }
  :: atomic { !may_grant(own) -> break }
  :: atomic { may_grant(own) -> printf("worker %d claims for run %d; no answer comes\n", me, own);
       claim_in_doubt[own] = true; grant(own); delay = 0 }
  :: atomic { !claim_in_doubt[own] -> printf("worker %d claims for run %d; no answer comes\n", me, own);
       claim_in_doubt[own] = true }
#if defined(READ_BACK)
  :: atomic { claim_in_doubt[own] -> break }
#endif
  :: atomic { claim_in_doubt[own] = true; dies(); goto asks_anew }
  od;
  atomic { /* and then reads */
    if
    :: holds(own) && left > 0 -> held[me] = left; starts()
    :: !(holds(own) && left > 0) && used(own) -> ends(); goto asks_anew
    :: else -> goto asks
    fi
  }

works:
  if
  :: atomic { handler[me] = false }
  :: atomic { dies(); goto asks_anew }
  fi;

  do /* records, until it is answered */
  :: atomic { may_record(own) -> record(own); tells_recorded(); goto asks_anew }
  :: atomic { !may_record(own) -> break }
  :: atomic { may_record(own) -> printf("worker %d records run %d; no answer comes\n", me, own);
       record_in_doubt[own] = true; record(own) }
  :: atomic { !record_in_doubt[own] -> printf("worker %d records run %d; no answer comes\n", me, own);
       record_in_doubt[own] = true }
#if defined(READ_BACK)
  :: atomic { record_in_doubt[own] -> break }
#endif
#if defined(GIVING_UP_IS_LOST)
  :: atomic { record_in_doubt[own] -> tells_lost(); goto asks_anew }
#endif
  :: atomic { record_in_doubt[own] = true; dies(); goto asks_anew } /* or gives up, and tells that nothing is known */
  od;
  atomic { /* and then reads */
    if
    :: reads(own) -> tells_recorded()
    :: else -> tells_lost()
    fi;
    goto asks_anew
  }

leaves:
  asking--
}

#undef me
#define me (_pid - WORKERS)

active [WORKERS] proctype heartbeat() {
  byte delay;
end:
  do
  :: atomic { held[me] > 0 && held[me] < LEASE && may_renew(own) -> renew(own); held[me] = left; delay = 0 }
  :: atomic { held[me] > 0 && !may_renew(own) -> held[me] = 0 }
  od
}

/* ---- What a run has under way beside its worker ---- */

#define it (_pid - 2 * WORKERS + 1)

active [RUNS] proctype under_way() {
  byte delay;
end:
  do
  /* Statements that got no answer are executed after all. */
  :: atomic { claim_in_doubt[it] && may_grant(it) -> printf("a claim of run %d comes late\n", it); grant(it); delay = 0 }
  :: atomic { record_in_doubt[it] && may_record(it) -> printf("a record of run %d comes late\n", it); record(it) }
  :: atomic { granted(it) && may_renew(it) && somebodys -> printf("a renewal of run %d comes late\n", it); renew(it); delay = 0 }
  /* A transaction of its handler: at its end it checks that the run holds the job and locks the row; a commit is the worst that follows. */
  :: atomic { key_share == NONE && granted(it) && holds(it) && somebodys -> printf("a transaction of run %d checks its lease\n", it);
       key_share = it }
  :: atomic { key_share == it -> printf("a transaction of run %d commits\n", it);
       promise(FENCE_HOLDS, it == on_row); key_share = NONE }
  od
}

/* ---- The clocks tick, all alike ---- */

active proctype clock() {
end:
  do
  :: d_step {
       left = (left > 0 -> left - 1 : 0);
#if !defined(RENEW_AFTER_EXPIRY)
       held[0] = (held[0] > 0 -> held[0] - 1 : 0);
       held[1] = (held[1] > 0 -> held[1] - 1 : 0);
#if WORKERS > 2
       held[2] = (held[2] > 0 -> held[2] - 1 : 0);
#endif
#endif
       printf("a tick: %d left\n", left)
     }
  od
}

#define wrong(a) (handler[a] && held[a] > 0 && !(in_progress && on_row == mine[a] && left > 0))

active proctype watch() {
end:
  do
  :: atomic { wrong(0) || wrong(1) -> promise(HOLDER_KNOWS, false); break }
#if WORKERS > 2
  :: atomic { wrong(2) -> promise(HOLDER_KNOWS, false); break }
#endif
  od
}

#if defined(LIVENESS)
ltl GRANTED_AGAIN { [] (in_progress && !somebodys -> <> (!in_progress || somebodys || asking == 0)) }
#endif
