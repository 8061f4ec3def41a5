package io.h2conn.examples.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Size;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.Test;

class ScreenTest {
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
            CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> {
                try {
                    return screen.readLine();
                } catch (java.io.IOException e) {
                    throw new AssertionError(e);
                }
            });
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

    @Test
    void ctrlDAndCtrlCEndTheInput() throws Exception {
        for (int key : new int[] {4, 3}) {
            PipedOutputStream keyboard = new PipedOutputStream();
            ExternalTerminal terminal = new ExternalTerminal(
                    "test", "xterm", new PipedInputStream(keyboard), OutputStream.nullOutputStream(), UTF_8);
            try (Screen screen = Screen.terminal(terminal)) {
                keyboard.write(key);
                keyboard.flush();

                assertThat(screen.readLine()).isNull();
            }
        }
    }
}
