package io.h2conn.examples.hello;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The code in the documents is a region of code that runs. */
class SnippetsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("<!-- region (\\w+) -->\\n```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern REGION =
            Pattern.compile("^( *)// region (\\w+)\\n(.*?)^ *// endregion", Pattern.DOTALL | Pattern.MULTILINE);

    @ParameterizedTest
    @CsvSource({"README.md, 4", "docs/codecs.md, 11", "docs/reliability.md, 1"})
    void everyBlockIsARegionOfCodeThatRuns(String document, int count) throws IOException {
        Map<String, String> regions;
        try (Stream<Path> sources = Files.walk(ROOT.resolve("examples/src"))) {
            regions = sources.filter(path -> path.toString().endsWith(".java"))
                    .flatMap(path -> regions(path).entrySet().stream())
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        }
        String text = Files.readString(ROOT.resolve(document));
        List<MatchResult> blocks = BLOCK.matcher(text).results().toList();

        assertThat(blocks).hasSize(count);
        assertThat(text.split("```java", -1)).as("blocks without a region").hasSize(count + 1);
        assertThat(blocks)
                .allSatisfy(block -> assertThat(block.group(2))
                        .as("the region %s", block.group(1))
                        .isEqualTo(regions.get(block.group(1))));
    }

    private static Map<String, String> regions(Path source) {
        try {
            return REGION.matcher(Files.readString(source))
                    .results()
                    .collect(Collectors.toMap(
                            r -> r.group(2),
                            r -> withoutIndent(r.group(3), r.group(1).length())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String withoutIndent(String code, int indent) {
        return code.lines()
                .map(line -> line.isBlank() ? "" : line.substring(indent))
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
