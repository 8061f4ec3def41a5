package io.h2conn.examples.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jspecify.annotations.Nullable;

/** Where a user types and reads. One thread reads lines while any others print. */
interface Screen extends Closeable {
    /**
     * Waits for the user.
     *
     * @return the next line, or {@code null} if there are no more
     */
    @Nullable
    String readLine() throws IOException;

    void print(String line);

    /** A line editor that keeps what is being typed intact while lines are printed above it. */
    static Screen terminal(Terminal terminal) {
        LineReader editor = LineReaderBuilder.builder()
                .terminal(terminal)
                // What was typed comes back from the server with time and name.
                .option(LineReader.Option.ERASE_LINE_ON_FINISH, true)
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .build();
        return new Screen() {
            private volatile boolean reading;

            @Override
            public @Nullable String readLine() {
                try {
                    reading = true;
                    return editor.readLine("> ");
                } catch (EndOfFileException | UserInterruptException e) {
                    return null;
                } finally {
                    reading = false;
                }
            }

            @Override
            public void print(String line) {
                editor.printAbove(line);
            }

            @Override
            public void close() throws IOException {
                if (reading) {
                    // What comes next does not belong behind the line that was being typed.
                    terminal.writer().println();
                }
                terminal.close();
            }
        };
    }

    /** Line by line, for pipes and files. */
    static Screen lines(InputStream input, PrintWriter output) {
        BufferedReader lines = new BufferedReader(new InputStreamReader(input, UTF_8));
        return new Screen() {
            @Override
            public @Nullable String readLine() throws IOException {
                return lines.readLine();
            }

            @Override
            public void print(String line) {
                output.println(line);
            }

            @Override
            public void close() {
                // Neither stream is ours.
            }
        };
    }
}
