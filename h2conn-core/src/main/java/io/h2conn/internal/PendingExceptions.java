package io.h2conn.internal;

import java.nio.channels.ReadPendingException;
import java.nio.channels.WritePendingException;

/** The exceptions of java.nio for one asynchronous call too many, with a message, which theirs do not have. */
final class PendingExceptions {
    private PendingExceptions() {}

    static final class Read extends ReadPendingException {
        private static final long serialVersionUID = 1L;
        private final String id;

        Read(String id) {
            this.id = id;
        }

        @Override
        public String getMessage() {
            return "an asynchronous read of " + id + " still waits; start the next one when its future completes";
        }
    }

    static final class Write extends WritePendingException {
        private static final long serialVersionUID = 1L;
        private final String id;

        Write(String id) {
            this.id = id;
        }

        @Override
        public String getMessage() {
            return "an asynchronous write to " + id
                    + " still waits and nothing of this one was accepted; start the next"
                    + " one when its future completes";
        }
    }
}
