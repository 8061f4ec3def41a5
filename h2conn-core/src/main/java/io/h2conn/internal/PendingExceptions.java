package io.h2conn.internal;

import java.nio.channels.ReadPendingException;
import java.nio.channels.WritePendingException;

/** The exceptions of java.nio for one asynchronous call too many, with a message, which theirs do not have. */
public final class PendingExceptions {
    private PendingExceptions() {}

    /**
     * One read too many.
     *
     * @param message what waits already, and what to do
     * @return the exception
     */
    public static ReadPendingException read(String message) {
        return new Read(message);
    }

    /**
     * One write too many.
     *
     * @param message what waits already, and what to do
     * @return the exception
     */
    public static WritePendingException write(String message) {
        return new Write(message);
    }

    private static final class Read extends ReadPendingException {
        private static final long serialVersionUID = 1L;
        private final String message;

        Read(String message) {
            this.message = message;
        }

        @Override
        public String getMessage() {
            return message;
        }
    }

    private static final class Write extends WritePendingException {
        private static final long serialVersionUID = 1L;
        private final String message;

        Write(String message) {
            this.message = message;
        }

        @Override
        public String getMessage() {
            return message;
        }
    }
}
