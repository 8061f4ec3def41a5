package io.h2conn.interop;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The foreign programs of one test: starts them, writes the transcript, and kills what is left of them afterwards. */
final class Peers implements BeforeEachCallback, AfterEachCallback {
    /** Makes Go print every frame, and what it thinks of it. */
    private static final String PRINT_FRAMES = "http2debug=2";

    private final List<ForeignProcess> processes = new ArrayList<>();
    private Transcript transcript;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        String test = context.getRequiredTestClass().getSimpleName() + "."
                + context.getRequiredTestMethod().getName() + "." + context.getDisplayName();
        transcript = new Transcript(Path.of("target", "transcripts", test.replaceAll("[^A-Za-z0-9.]+", "-") + ".txt"));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        for (ForeignProcess process : processes) {
            process.kill();
        }
        transcript.close();
        if (context.getExecutionException().isPresent()) {
            System.err.println(context.getDisplayName() + ": " + transcript.file());
            System.err.println(transcript.text());
        }
    }

    /** Tells the transcript what this side does. */
    void note(String what) {
        transcript.add("java", '*', what);
    }

    /**
     * curl, which trusts the test's certificate, says little of its own, and prints what it receives at once. Without
     * {@code --max-time}, which makes it wait for more input and for nothing else.
     */
    ForeignProcess curl(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "--disable",
                "--noproxy",
                "*",
                "-sSN",
                "--cacert",
                Certificate.get().file().toString()));
        command.addAll(Arrays.asList(arguments));
        return start("curl", new ProcessBuilder(command), "apt-get install curl");
    }

    /** The Go program as a client, printing its frames. */
    ForeignProcess goClient(String... arguments) {
        return goClient(PRINT_FRAMES, arguments);
    }

    /** The Go program as a client, printing no frames. */
    ForeignProcess quietGoClient(String... arguments) {
        return goClient("", arguments);
    }

    private ForeignProcess goClient(String debug, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                GoPeer.program().toString(),
                "client",
                "-ca",
                Certificate.get().file().toString()));
        command.addAll(Arrays.asList(arguments));
        return go(debug, command);
    }

    /** The Go program as a server, printing its frames. */
    GoServer goServer(Wire wire) throws InterruptedException {
        return goServer(PRINT_FRAMES, wire);
    }

    /** The Go program as a server, printing no frames. */
    GoServer quietGoServer(Wire wire) throws InterruptedException {
        return goServer("", wire);
    }

    private GoServer goServer(String debug, Wire wire) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of(GoPeer.program().toString(), "server"));
        if (wire == Wire.TLS) {
            command.addAll(List.of(
                    "-cert",
                    Certificate.get().file().toString(),
                    "-key",
                    Certificate.get().keyFile().toString()));
        }
        return new GoServer(wire, go(debug, command));
    }

    private ForeignProcess go(String debug, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("GODEBUG", debug);
        return start("go", builder, "it was built a moment ago");
    }

    private ForeignProcess start(String name, ProcessBuilder builder, String help) {
        ForeignProcess process = ForeignProcess.start(name, builder, help, transcript);
        processes.add(process);
        return process;
    }
}
