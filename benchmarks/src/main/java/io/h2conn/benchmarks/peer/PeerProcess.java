package io.h2conn.benchmarks.peer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.HdrHistogram.Histogram;

/**
 * A process of its own for one end of a peer: it obeys commands, a line each, and answers each with a line, until its input
 * ends. Other languages speak the same.
 *
 * <pre>
 *   server NAME clear|tls         port=P
 *     receivers                     receivers=N
 *     broadcast n=N                 done
 *   client NAME clear|tls PORT    ready
 *     pingpong connections=C sessions=S waiting=thread|callback nanos=T
 *     bulk direction=up|down|both nanos=T
 *     messages bytes=B gap=G nanos=T
 *     open connections=C sessions=S
 *     receive n=N
 *     openandclose concurrent=C nanos=T
 *                                   operations=N nanos=T [latencies=PERCENTILE:NANOS,...]
 *     release                       done
 *   either, when something fails    error=MESSAGE
 * </pre>
 */
public final class PeerProcess {
    /** What answers tell of latencies. */
    static final double[] PERCENTILES = {1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100};

    private final PrintStream output;

    private PeerProcess(PrintStream output) {
        this.output = output;
    }

    /**
     * Runs.
     *
     * @param args as above
     * @throws Exception if the peer cannot start
     */
    public static void main(String[] args) throws Exception {
        PeerProcess process = new PeerProcess(System.out);
        // Whatever a peer prints must not be taken for an answer.
        System.setOut(System.err);
        Peer peer = Peers.named(args[1]);
        Security security = Security.valueOf(args[2].toUpperCase(Locale.ROOT));
        if (args[0].equals("server")) {
            try (PeerServer server = peer.serve(security)) {
                process.answer("port=" + server.port());
                process.obey(command -> obey(server, command));
            }
        } else {
            try (PeerClient client = peer.client(Integer.parseInt(args[3]), security)) {
                process.answer("ready");
                process.obey(command -> obey(client, command));
            }
        }
        System.exit(0); // not all peers stop all of their threads
    }

    private void answer(String line) {
        output.println(line);
        output.flush();
    }

    private interface Obedient {
        String obey(Command command) throws Exception;
    }

    private void obey(Obedient obedient) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String answer;
            try {
                answer = obedient.obey(Command.parse(line));
            } catch (Exception | AssertionError e) {
                e.printStackTrace();
                answer = "error=" + String.valueOf(e).replace('\n', ' ');
            }
            answer(answer);
        }
    }

    /** A line, taken apart. */
    private record Command(String name, Map<String, String> arguments) {
        static Command parse(String line) {
            String[] words = line.trim().split(" +");
            Map<String, String> arguments = new HashMap<>();
            for (String word : Arrays.asList(words).subList(1, words.length)) {
                int equals = word.indexOf('=');
                arguments.put(word.substring(0, equals), word.substring(equals + 1));
            }
            return new Command(words[0], arguments);
        }

        String text(String argument) {
            String value = arguments.get(argument);
            if (value == null) {
                throw new IllegalArgumentException(name + " needs " + argument + "=...");
            }
            return value;
        }

        int number(String argument) {
            return Integer.parseInt(text(argument));
        }

        long longNumber(String argument) {
            return Long.parseLong(text(argument));
        }

        <E extends Enum<E>> E choice(String argument, Class<E> type) {
            return Enum.valueOf(type, text(argument).toUpperCase(Locale.ROOT));
        }

        Layout layout() {
            return new Layout(number("connections"), number("sessions"));
        }
    }

    private static String obey(PeerServer server, Command command) throws Exception {
        return switch (command.name()) {
            case "receivers" -> "receivers=" + server.receivers();
            case "broadcast" -> {
                server.broadcast(command.longNumber("n"));
                yield "done";
            }
            default -> throw new IllegalArgumentException("a server knows no command " + command.name());
        };
    }

    private static String obey(PeerClient client, Command command) throws Exception {
        return switch (command.name()) {
            case "pingpong" ->
                text(client.pingPong(
                        command.layout(), command.choice("waiting", Waiting.class), command.longNumber("nanos")));
            case "bulk" -> text(client.bulk(command.choice("direction", Direction.class), command.longNumber("nanos")));
            case "messages" ->
                text(client.messages(command.number("bytes"), command.longNumber("gap"), command.longNumber("nanos")));
            case "open" -> text(client.open(command.layout()));
            case "receive" -> text(client.receive(command.longNumber("n")));
            case "openandclose" -> text(client.openAndClose(command.number("concurrent"), command.longNumber("nanos")));
            case "release" -> {
                client.release();
                yield "done";
            }
            default -> throw new IllegalArgumentException("a client knows no command " + command.name());
        };
    }

    private static String text(Outcome outcome) {
        Histogram latencies = outcome.latencies();
        return "operations=" + outcome.operations() + " nanos=" + outcome.nanos()
                + (latencies == null ? "" : " latencies=" + percentiles(latencies));
    }

    private static String percentiles(Histogram latencies) {
        return DoubleStream.of(PERCENTILES)
                .mapToObj(percentile -> percentile + ":" + latencies.getValueAtPercentile(percentile))
                .collect(Collectors.joining(","));
    }
}
