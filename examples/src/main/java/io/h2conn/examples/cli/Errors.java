package io.h2conn.examples.cli;

import io.h2conn.TlsException;
import io.h2conn.UnreachableException;
import java.io.IOException;
import java.net.ConnectException;
import java.security.cert.CertificateException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reports errors in one line on the error stream: exit code 2 for wrong usage, 1 for everything else. */
public final class Errors {
    private Errors() {}

    /**
     * Makes a command line and its subcommands report errors that way.
     *
     * @param commandLine the command line
     * @return the same
     */
    public static CommandLine inOneLine(CommandLine commandLine) {
        return commandLine
                .setParameterExceptionHandler(Errors::wrongUsage)
                .setExecutionExceptionHandler(Errors::failure);
    }

    private static int wrongUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        boolean wrongProgram = e instanceof UnmatchedArgumentException
                && !command.getSubcommands().isEmpty()
                && !args[0].startsWith("-");
        String message = wrongProgram ? "there is no program " + args[0] : String.valueOf(e.getMessage());
        command.getErr().println(name + ": " + oneLine(message) + " (see " + name + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    private static int failure(Exception e, CommandLine command, ParseResult result) throws Exception {
        if (e instanceof IOException failure) {
            String name = command.getCommandSpec().qualifiedName();
            command.getErr().println(name + ": " + oneLine(describe(failure)));
            return CommandLine.ExitCode.SOFTWARE;
        }
        // A bug: whoever reports it needs the stack trace, which picocli prints.
        throw e;
    }

    private static String describe(IOException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        if (e instanceof TlsException && hasCause(e, CertificateException.class)) {
            return message + "; --insecure accepts any certificate, which is for tests only";
        }
        if (e instanceof UnreachableException && hasCause(e, ConnectException.class)) {
            return message + "; is the server running?";
        }
        return message;
    }

    private static boolean hasCause(Throwable e, Class<? extends Exception> type) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
