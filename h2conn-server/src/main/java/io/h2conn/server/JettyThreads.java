package io.h2conn.server;

import io.h2conn.internal.Threads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.strategy.AdaptiveExecutionStrategy;

/**
 * Jetty's threads of an embedded server. What Jetty wants to run at once, whatever else its threads do, goes to the library's
 * own: Jetty would make a new thread for each stream that the peer resets before it was accepted, thousands in a second.
 */
final class JettyThreads extends QueuedThreadPool {
    @Override
    public boolean tryExecute(Runnable task) {
        if (task instanceof AdaptiveExecutionStrategy) {
            return super.tryExecute(task); // a thread to take over the selector, of which there are none
        }
        Threads.execute(null, task);
        return true;
    }
}
