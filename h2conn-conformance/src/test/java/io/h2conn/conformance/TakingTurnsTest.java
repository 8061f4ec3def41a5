package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many threads that exchange small messages over one session, whose writes are joined. */
class TakingTurnsTest {
    private static final int CONNECTIONS = 16;
    private static final int EXCHANGES = 1_000;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyQuestionIsAnsweredOnce(boolean tls) throws Exception {
        int window = Http2Transport.ODD_WINDOW;
        Http2Transport transport = tls ? Http2Transport.tls(window) : Http2Transport.h2c(window);
        try {
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                DuplexConnection.Pair pair = transport.connect(ConnectionOptions.defaults());
                tasks.add(Task.run(() -> answer(pair.server())));
                tasks.add(Task.run(() -> ask(pair.client())));
            }
            for (Task<?> task : tasks) {
                task.get();
            }
        } finally {
            transport.close();
        }
    }

    private static void ask(DuplexConnection connection) throws Exception {
        ByteBuffer answer = ByteBuffer.allocate(2 * Long.BYTES);
        for (long n = 0; n < EXCHANGES; n++) {
            connection.write(ByteBuffer.allocate(Long.BYTES).putLong(0, n));
            int read = connection.read(answer.clear());
            while (read > 0 && answer.position() < Long.BYTES) {
                read = connection.read(answer);
            }
            assertThat(answer.flip().remaining()).isEqualTo(Long.BYTES);
            assertThat(answer.getLong()).isEqualTo(n);
        }
        connection.closeOutput();
        assertThat(connection.read(answer.clear())).isEqualTo(-1);
        connection.close();
    }

    private static void answer(DuplexConnection connection) throws Exception {
        ByteBuffer question = ByteBuffer.allocate(100);
        while (connection.read(question.clear()) >= 0) {
            connection.write(question.flip());
        }
        connection.close();
    }
}
