package io.h2conn.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.ConnectionInfo;
import io.h2conn.ErrorCode;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A transport that writes down what it is told and answers nothing by itself. */
final class Script implements Transport {
    int hurried;
    boolean forBlocking;
    long credit;
    final List<String> sent = new ArrayList<>();
    final List<ErrorCode> resets = new ArrayList<>();
    final List<String> calls = new ArrayList<>();

    /** What happens within the next send. */
    @Nullable
    Runnable whileSending;

    @Override
    public void send(ByteBuffer data, boolean end, @Nullable HttpHeaders trailers) {
        String text = UTF_8.decode(data.duplicate()).toString();
        sent.add(end ? text + " END" : text);
        Runnable once = whileSending;
        whileSending = null;
        if (once != null) {
            once.run();
        }
    }

    @Override
    public void hurry(boolean blocking) {
        hurried++;
        forBlocking = blocking;
    }

    @Override
    public void consumed(int bytes) {
        credit += bytes;
        calls.add("consumed");
    }

    @Override
    public void reset(ErrorCode code) {
        resets.add(code);
        calls.add("reset");
    }

    @Override
    public void ended() {
        calls.add("ended");
    }

    @Override
    public ConnectionInfo info() {
        throw new AssertionError("not asked for here");
    }
}
