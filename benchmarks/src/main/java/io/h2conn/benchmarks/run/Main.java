package io.h2conn.benchmarks.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.benchmarks.peer.Security;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Measures the peers beside each other. */
@Command(
        name = "benchmarks/run",
        description = {
            "Measures the peers beside each other: without arguments all workloads, which takes most of an hour.",
            "Nothing else should run on the machine meanwhile. Also: benchmarks/run codecs, broadcast, scale, sockets."
        },
        sortOptions = false,
        subcommands = Report.class)
@NullUnmarked // picocli fills it in
public final class Main implements Callable<Integer> {
    private static final List<String> QUICK_PEERS =
            List.of("h2conn-embedded", "h2conn-mounted", "grpc-java", "sockets");

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Parameters(
            paramLabel = "WORKLOAD",
            description = {
                "w1, w1c, w2, w3, w4, w4-paced, w5, w6, sizes, connections, idle; or quick, a selection that takes less"
                        + " than three minutes. Default: all of them."
            })
    private List<String> names = new ArrayList<>();

    @Option(names = "--peers", split = ",", paramLabel = "PEER", description = "Which. Default: all that make sense.")
    private List<String> peers;

    @Option(names = "--points", split = ",", paramLabel = "POINT", description = "Such as 16/1. Default: all.")
    private List<String> points;

    @Option(names = "--security", split = ",", description = "${COMPLETION-CANDIDATES}. Default: both.")
    private Set<Security> securities;

    @Option(names = "--rounds", description = "That count. Default: 7 for most workloads.")
    private Integer rounds;

    @Option(names = "--warm-up", description = "Rounds before that do not. Default: 2 for most.")
    private Integer warmUp;

    @Option(names = "--slice", description = "Such as 500ms or 2s. Default: 1s for most.")
    private Duration slice;

    @Option(
            names = "--baseline",
            split = ",",
            paramLabel = "PEER",
            description = "What to compare with. Default: ${DEFAULT-VALUE}.",
            defaultValue = "grpc-java,sockets,go")
    private List<String> baselines;

    @Option(names = "--java-home", paramLabel = "DIR", description = "The JDK that runs the peers. Default: this one.")
    private Path javaHome;

    @Option(
            names = "--jvm-arg",
            paramLabel = "PEER:ARG",
            description = "An argument for the JVMs of a peer, such as grpc-java:-XX:+UseParallelGC. May be repeated.")
    private List<String> jvmArguments = new ArrayList<>();

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description = "Where raw figures go. Default: results, and target/results if only a part is measured or"
                    + " something is not as usual.")
    private Path results;

    @Option(names = "--module", hidden = true, defaultValue = "benchmarks")
    private Path module;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    private final String[] arguments;

    private Main(String[] arguments) {
        this.arguments = arguments;
    }

    /**
     * Runs and exits: with 0 if all went well, 1 if a peer has failed, 2 if it was called the wrong way.
     *
     * @param arguments as {@code --help} tells
     */
    public static void main(String[] arguments) {
        System.exit(commandLine(arguments).execute(arguments));
    }

    /** The command line, for its {@code execute}. */
    static CommandLine commandLine(String... arguments) {
        return new CommandLine(new Main(arguments))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Duration.class, Main::duration)
                .setOut(new PrintWriter(new OutputStreamWriter(System.out, UTF_8), true))
                .setErr(new PrintWriter(new OutputStreamWriter(System.err, UTF_8), true));
    }

    private static Duration duration(String text) {
        return Duration.parse(text.endsWith("ms") ? "PT" + millis(text) + "S" : "PT" + text);
    }

    private static double millis(String text) {
        return Double.parseDouble(text.substring(0, text.length() - 2)) / 1000;
    }

    @Override
    public Integer call() throws Exception {
        Java java = javaHome == null ? Java.own() : new Java(javaHome);
        boolean go = peers == null ? !isQuick() : peers.contains(GoProgram.NAME);
        List<Program> programs = Programs.all(java, flags(), module, go);
        Plan plan = plan(programs);
        Progress progress = new Progress(System.err, System.console() != null, plan.time());
        PrintStream tables = new PrintStream(System.out, true, UTF_8);
        List<String> failures;
        try (Measuring measuring =
                new Measuring(plan, directory(), Surroundings.describe(java, arguments), progress, tables)) {
            failures = measuring.run();
        }
        failures.forEach(failure -> System.err.println("failed: " + failure));
        return failures.isEmpty() ? 0 : 1;
    }

    private boolean isQuick() {
        return names.equals(List.of("quick"));
    }

    private Path directory() {
        if (results != null) {
            return results;
        }
        boolean usual = !isQuick()
                && peers == null
                && points == null
                && rounds == null
                && slice == null
                && warmUp == null
                && javaHome == null
                && jvmArguments.isEmpty();
        return usual ? module.resolve("results") : module.resolve("target").resolve("results");
    }

    private Map<String, List<String>> flags() {
        Map<String, List<String>> flags = new HashMap<>();
        for (String argument : jvmArguments) {
            int colon = argument.indexOf(':');
            if (colon < 0) {
                throw wrong("--jvm-arg wants PEER:ARG, not " + argument);
            }
            flags.computeIfAbsent(argument.substring(0, colon), peer -> new ArrayList<>())
                    .add(argument.substring(colon + 1));
        }
        return flags;
    }

    private Plan plan(List<Program> programs) {
        List<Plan.Step> steps = new ArrayList<>();
        if (isQuick()) {
            List<Program> few = select(programs, peers == null ? QUICK_PEERS : peers);
            add(steps, Workload.W1, Security.CLEAR, List.of("1/1"), few);
            add(steps, Workload.W2, Security.CLEAR, List.of("up"), few);
            add(steps, Workload.W4, Security.CLEAR, null, few);
            add(steps, Workload.W6, Security.CLEAR, null, few);
            add(steps, Workload.W1, Security.TLS, List.of("1/1"), few);
        } else {
            for (Security security : securities == null ? EnumSet.allOf(Security.class) : securities) {
                for (Workload workload : workloads()) {
                    add(
                            steps,
                            workload,
                            security,
                            points,
                            peers == null ? all(programs, workload) : select(programs, peers));
                }
            }
        }
        return new Plan(steps, baselines);
    }

    private List<Workload> workloads() {
        if (names.isEmpty()) {
            return List.of(Workload.values());
        }
        List<Workload> workloads = new ArrayList<>();
        for (String name : names) {
            try {
                workloads.add(Workload.named(name));
            } catch (IllegalArgumentException e) {
                throw wrong("no workload " + name + "; --help tells which there are");
            }
        }
        return workloads;
    }

    private List<Program> select(List<Program> programs, List<String> wanted) {
        return wanted.stream()
                .map(name -> programs.stream()
                        .filter(program -> program.peer().equals(name))
                        .findAny()
                        .orElseThrow(() -> wrong("no peer " + name + "; there are "
                                + String.join(
                                        ", ",
                                        programs.stream().map(Program::peer).toList()))))
                .toList();
    }

    private void add(
            List<Plan.Step> steps,
            Workload workload,
            Security security,
            @Nullable List<String> wanted,
            List<Program> programs) {
        List<Scenario> scenarios = workload.scenarios().stream()
                .filter(scenario -> wanted == null || scenario.points().stream().anyMatch(wanted::contains))
                .toList();
        if (scenarios.isEmpty()) {
            throw wrong(workload.id() + " has none of the points " + wanted);
        }
        steps.add(new Plan.Step(workload, security, scenarios, programs, pace(workload)));
    }

    private Pace pace(Workload workload) {
        Pace usual = isQuick() ? Pace.QUICK : workload.pace();
        return new Pace(
                slice == null ? usual.slice() : slice,
                rounds == null ? usual.rounds() : rounds,
                warmUp == null ? usual.warmUp() : warmUp);
    }

    private static List<Program> all(List<Program> programs, Workload workload) {
        return programs.stream()
                .filter(program -> workload.isFor(program.peer()))
                .toList();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
