package io.h2conn.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.examples.chat.ChatClient;
import io.h2conn.examples.chat.ChatServer;
import io.h2conn.examples.cli.Errors;
import io.h2conn.examples.demo.Demo;
import io.h2conn.examples.echo.EchoClient;
import io.h2conn.examples.echo.EchoServer;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Runs the example program that the first argument names. */
@Command(
        name = "h2conn",
        description = "Example programs of h2conn: full-duplex connections over HTTP/2.",
        synopsisSubcommandLabel = "PROGRAM",
        commandListHeading = "%nPrograms:%n",
        footer = {"", "h2conn PROGRAM --help describes one. To begin: h2conn demo"})
public final class Main {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    private Main() {}

    /**
     * Runs a program and exits with 0 if all went well, 1 after a failure, 2 if it was called the wrong way.
     *
     * @param args the program's name, then its arguments
     */
    public static void main(String[] args) {
        // Not the platform's encoding: what goes through a pipe should not depend on the locale.
        CommandLine commandLine = commandLine(System.in, isInteractive())
                .setOut(new PrintWriter(new OutputStreamWriter(System.out, UTF_8), true))
                .setErr(new PrintWriter(new OutputStreamWriter(System.err, UTF_8), true));
        System.exit(commandLine.execute(args));
    }

    @SuppressWarnings("SystemConsoleNull") // the launcher asks for the console that exists in terminals only
    private static boolean isInteractive() {
        return System.console() != null;
    }

    /**
     * Makes the command line with all programs, for {@code execute}.
     *
     * @param input what the programs read instead of the standard input
     * @param interactive whether that and the output are a terminal
     * @return the command line
     */
    public static CommandLine commandLine(InputStream input, boolean interactive) {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.addSubcommand(new Demo(interactive));
        commandLine.addSubcommand(new EchoServer());
        commandLine.addSubcommand(new EchoClient(input));
        commandLine.addSubcommand(new ChatServer());
        commandLine.addSubcommand(new ChatClient(input, interactive));
        return Errors.inOneLine(commandLine);
    }
}
