//! How many threads the work may take.

/// A pool of worker threads. Handed to what computes in parallel, so that nothing depends on a global pool.
pub struct ThreadBudget {
    pool: rayon::ThreadPool,
}

/// A pool of `threads` workers; `None` takes one per core. An error says why the system gave none.
pub fn thread_budget(threads: Option<usize>) -> Result<ThreadBudget, String> {
    let n = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get()));
    rayon::ThreadPoolBuilder::new()
        .num_threads(n.max(1))
        .thread_name(|i| format!("icepath-{i}"))
        .stack_size(4 << 20)
        .build()
        .map(|pool| ThreadBudget { pool })
        .map_err(|e| e.to_string())
}

impl ThreadBudget {
    /// Runs `work` inside the pool: `rayon::join`, `par_iter` and the like use its threads.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }

    /// How many threads there are.
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }
}
