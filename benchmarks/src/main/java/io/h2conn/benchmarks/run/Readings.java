package io.h2conn.benchmarks.run;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What the slices of a workload have measured. A value is the median of the rounds; a comparison is the median of the
 * ratios within each round.
 *
 * @param all in the order of tables
 */
public record Readings(List<Reading> all) {
    public Readings {
        all = List.copyOf(all);
    }

    /** The same, in another order. */
    Readings inOrder(List<String> points, List<String> peers) {
        return new Readings(all.stream()
                .sorted(Comparator.comparingInt((Reading reading) -> points.indexOf(reading.point()))
                        .thenComparingInt(Reading::round)
                        .thenComparingInt(reading -> peers.indexOf(reading.peer())))
                .toList());
    }

    /** These, and behind them others. */
    Readings and(Readings others) {
        return new Readings(
                Stream.of(all, others.all).flatMap(Collection::stream).toList());
    }

    List<String> points() {
        return all.stream().map(Reading::point).distinct().toList();
    }

    /** In the order of their first slices. */
    List<String> peers() {
        return all.stream().map(Reading::peer).distinct().toList();
    }

    Readings at(String point) {
        return new Readings(
                all.stream().filter(reading -> reading.point().equals(point)).toList());
    }

    Readings of(String peer) {
        return new Readings(
                all.stream().filter(reading -> reading.peer().equals(peer)).toList());
    }

    int rounds() {
        return all.stream().mapToInt(Reading::round).max().orElse(-1) + 1;
    }

    /**
     * The reasons why there are no figures.
     *
     * @return one for each slice that failed
     */
    public List<String> failures() {
        return all.stream()
                .filter(reading -> reading.slice().failure() != null)
                .map(reading -> reading.peer() + (reading.point().isEmpty() ? "" : " at " + reading.point()) + ": "
                        + reading.slice().failure())
                .toList();
    }

    private Stream<Reading> measured() {
        return all.stream().filter(reading -> reading.slice().failure() == null);
    }

    /** Of all slices. */
    Spread values(ToDoubleFunction<Slice> value) {
        return Spread.of(measured()
                .mapToDouble(reading -> value.applyAsDouble(reading.slice()))
                .toArray());
    }

    /** The ratios of these values to those of others of the same point and round. */
    Spread ratios(Readings others, ToDoubleFunction<Slice> value) {
        Map<Integer, Double> baseline = new HashMap<>();
        others.measured().forEach(reading -> baseline.put(reading.round(), value.applyAsDouble(reading.slice())));
        List<Double> ratios = new ArrayList<>();
        measured()
                .filter(reading -> baseline.containsKey(reading.round()))
                .forEach(reading -> ratios.add(value.applyAsDouble(reading.slice()) / baseline.get(reading.round())));
        return Spread.of(ratios.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
