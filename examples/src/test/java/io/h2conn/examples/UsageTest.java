package io.h2conn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
    @Test
    void helpListsThePrograms() throws Exception {
        try (Program help = Program.inThread("--help")) {
            assertThat(help.awaitExit()).isZero();
            assertThat(help.errors()).isEmpty();
            assertThat(String.join("\n", help.output()))
                    .contains("demo", "echo-server", "echo", "chat-server", "chat", "h2conn PROGRAM --help");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "echo-server", "echo", "chat-server", "chat"})
    void everyProgramHasHelp(String name) throws Exception {
        try (Program help = Program.inThread(name, "--help")) {
            assertThat(help.awaitExit()).isZero();
            assertThat(help.errors()).isEmpty();
            assertThat(help.output().get(0)).startsWith("Usage: h2conn " + name);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            |Missing required subcommand
            nonsense|there is no program nonsense
            --nonsense|Unknown option: '--nonsense'
            echo --nonsense|Unknown option: '--nonsense'
            echo --url|Missing required parameter
            echo --url ftp://127.0.0.1/|but was ftp://127.0.0.1/
            echo --url 127.0.0.1:8000|but was 127.0.0.1:8000
            echo --url http:///path|but was http:///path
            echo extra|Unmatched argument
            chat|Missing required option: '--name=NAME'
            chat --name ann --codec xml|Invalid value for option '--codec'
            echo-server --port 65536|--port must be from 0 to 65535 but was 65536
            echo-server --port x|'x' is not an int
            echo-server --cert a.pem|Missing required argument
            echo-server --tls --cert a.pem --key b.pem|mutually exclusive
            chat-server --port -1|--port must be from 0 to 65535 but was -1
            """)
    void wrongUsageIsOneLineAndExitCodeTwo(String arguments, String message) throws Exception {
        String[] args = arguments == null ? new String[0] : arguments.split(" ");
        try (Program program = Program.inThread(args)) {
            assertThat(program.awaitExit()).isEqualTo(2);
            assertThat(program.output()).isEmpty();
            assertThat(program.errors()).hasSize(1);
            assertThat(program.errors().get(0)).contains(message).contains("--help)");
        }
    }

    @Test
    void theExitCodesOfTheProcessAreTheSame() throws Exception {
        try (Program help = Program.inProcess("--help");
                Program wrong = Program.inProcess("nonsense")) {
            assertThat(help.awaitExit()).isZero();
            assertThat(wrong.awaitExit()).isEqualTo(2);
            assertThat(List.of(help.errors().size(), wrong.errors().size())).containsExactly(0, 1);
        }
    }
}
