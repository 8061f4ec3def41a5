package io.h2conn.examples.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Size;
import org.jline.terminal.impl.ExternalTerminal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScreenTest {
    private static final int CTRL_C = 3;
    private static final int CTRL_D = 4;

    private static final class Display extends OutputStream {
        private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int b) {
            shown.write(b);
            notifyAll();
        }

        synchronized void await(String text) throws InterruptedException {
            while (!shown.toString(UTF_8).contains(text)) {
                wait();
            }
        }

        synchronized String after(String text) {
            String all = shown.toString(UTF_8);
            return all.substring(all.indexOf(text) + text.length());
        }
    }

    @Test
    void aMessageThatArrivesLeavesWhatIsBeingTypedIntact() throws Exception {
        PipedOutputStream keyboard = new PipedOutputStream();
        Display display = new Display();
        ExternalTerminal terminal =
                new ExternalTerminal("test", "xterm", new PipedInputStream(keyboard), display, UTF_8);
        terminal.setSize(new Size(80, 25));
        try (Screen screen = Screen.terminal(terminal)) {
            CompletableFuture<@Nullable String> line = readLine(screen);
            keyboard.write("hel".getBytes(UTF_8));
            keyboard.flush();
            display.await("> hel");

            screen.print("a message");
            display.await("a message");
            keyboard.write("lo\r".getBytes(UTF_8));
            keyboard.flush();

            assertThat(line.get(10, TimeUnit.SECONDS)).isEqualTo("hello");
            assertThat(display.after("a message")).contains("> hel");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {CTRL_C, CTRL_D})
    void ctrlCAndCtrlDEndTheInput(int key) throws Exception {
        PipedOutputStream keyboard = new PipedOutputStream();
        Display display = new Display();
        ExternalTerminal terminal =
                new ExternalTerminal("test", "xterm", new PipedInputStream(keyboard), display, UTF_8);
        try (Screen screen = Screen.terminal(terminal)) {
            CompletableFuture<@Nullable String> line = readLine(screen);
            // Before that the terminal itself would take the key for a signal.
            display.await("> ");
            keyboard.write(key);
            keyboard.flush();

            assertThat(line.get(10, TimeUnit.SECONDS)).isNull();
        }
    }

    private static CompletableFuture<@Nullable String> readLine(Screen screen) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return screen.readLine();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }
}
