package io.h2conn.benchmarks.peer;

import io.h2conn.DuplexConnection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Plays on one of our connections to an echo; holds no thread. */
final class EchoPlayer implements Rally.Player {
    private final DuplexConnection connection;
    private final ByteBuffer echo = ByteBuffer.allocate(Messages.SMALL);
    private volatile @Nullable Rally rally;

    private EchoPlayer(DuplexConnection connection) {
        this.connection = connection;
    }

    /** Takes over the input of the connection. */
    static EchoPlayer on(DuplexConnection connection) {
        EchoPlayer player = new EchoPlayer(connection);
        CompletionStage<?> unused = connection.listen(player::take).whenComplete((end, failure) -> player.end(failure));
        return player;
    }

    @Override
    public void play(Rally next) throws IOException {
        ByteBuffer message = ByteBuffer.wrap(next.first());
        rally = next;
        connection.write(message);
    }

    private @Nullable CompletionStage<?> take(ByteBuffer bytes) throws Exception {
        while (bytes.hasRemaining() && echo.hasRemaining()) {
            echo.put(bytes.get());
        }
        if (echo.hasRemaining()) {
            return null;
        }
        if (bytes.hasRemaining()) {
            throw new IOException("more has come back than was sent");
        }
        echo.clear();
        byte[] message = Objects.requireNonNull(rally).next(echo.array());
        return message == null ? null : connection.writeAsync(ByteBuffer.wrap(message));
    }

    private void end(@Nullable Throwable failure) {
        Rally ended = rally;
        if (ended != null) {
            ended.fail(failure == null ? new EOFException("the echo has ended") : failure);
        }
    }
}
