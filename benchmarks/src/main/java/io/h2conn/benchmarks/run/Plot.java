package io.h2conn.benchmarks.run;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Rectangle;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import java.util.Locale;
import java.util.SortedMap;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.StandardChartTheme;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.text.TextUtils;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Lines in a pair of axes, as a file of SVG. */
public final class Plot {
    private static final Rectangle SIZE = new Rectangle(900, 480);
    private static final String FONT = "SansSerif";
    /** Colours that people tell apart who see few of them (by Okabe and Ito), and two more. */
    private static final Color[] COLOURS = {
        new Color(0x000000),
        new Color(0xD55E00),
        new Color(0xE69F00),
        new Color(0x0072B2),
        new Color(0x56B4E9),
        new Color(0x009E73),
        new Color(0xCC79A7),
        new Color(0xB0A000),
        new Color(0x7F7F7F),
        new Color(0x8B4513),
    };

    static {
        // Labels of axes are text then, not curves, and the files a third as large.
        TextUtils.setUseDrawRotatedStringWorkaround(false);
    }

    private final String title;
    private final XYSeriesCollection lines = new XYSeriesCollection();
    private ValueAxis x = fromZero("");
    private ValueAxis y = fromZero("");

    /**
     * Begins one without lines.
     *
     * @param title stands above it
     */
    public Plot(String title) {
        this.title = title;
    }

    /**
     * A logarithmic axis.
     *
     * @param base the powers of which have labels
     */
    static ValueAxis logarithmic(String label, int base) {
        LogAxis axis = new LogAxis(label);
        axis.setBase(base);
        axis.setTickUnit(new NumberTickUnit(1));
        axis.setNumberFormatOverride(new DecimalFormat("#,##0.###", DecimalFormatSymbols.getInstance(Locale.ROOT)));
        return axis;
    }

    /** An axis for values of 1 / (1 - part), on which 90 %, 99 % and 99.9 % are as far from each other. */
    static ValueAxis percentiles(String label) {
        LogAxis axis = new LogAxis(label);
        axis.setTickUnit(new NumberTickUnit(1));
        axis.setNumberFormatOverride(new PercentileFormat());
        return axis;
    }

    /**
     * A linear axis that begins at zero.
     *
     * @param label says what is measured, and its unit
     * @return the axis
     */
    public static ValueAxis fromZero(String label) {
        NumberAxis axis = new NumberAxis(label);
        axis.setAutoRangeIncludesZero(true);
        axis.setNumberFormatOverride(new DecimalFormat("#,##0.##", DecimalFormatSymbols.getInstance(Locale.ROOT)));
        return axis;
    }

    /**
     * Sets the horizontal axis.
     *
     * @param axis linear from zero and without a label unless set
     * @return this
     */
    public Plot x(ValueAxis axis) {
        x = axis;
        return this;
    }

    /**
     * Sets the vertical axis.
     *
     * @param axis linear from zero and without a label unless set
     * @return this
     */
    public Plot y(ValueAxis axis) {
        y = axis;
        return this;
    }

    /**
     * Adds a line, if there are values that are numbers.
     *
     * @param name of the line
     * @param values from the horizontal to the vertical axis
     */
    public void add(String name, SortedMap<Double, Double> values) {
        XYSeries line = new XYSeries(name);
        values.forEach((from, to) -> {
            if (!to.isNaN()) {
                line.add(from, to);
            }
        });
        if (!line.isEmpty()) {
            lines.addSeries(line);
        }
    }

    /**
     * Writes a file, if there are lines.
     *
     * @param file of SVG; its directory is made if there is none
     * @throws IOException if it cannot be written
     */
    public void save(Path file) throws IOException {
        if (lines.getSeriesCount() > 0) {
            SVGGraphics2D graphics = graphics();
            graphics.setSVGCanvasSize(SIZE.getSize());
            chart().draw(graphics, SIZE);
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (Writer writer = Files.newBufferedWriter(file)) {
                graphics.stream(writer, true);
            }
        }
    }

    private static SVGGraphics2D graphics() throws IOException {
        try {
            return new SVGGraphics2D(DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument("http://www.w3.org/2000/svg", "svg", null));
        } catch (ParserConfigurationException e) {
            throw new IOException("this JDK cannot make XML", e);
        }
    }

    private JFreeChart chart() {
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer();
        renderer.setDrawSeriesLineAsPath(true);
        renderer.setDrawOutlines(false);
        XYPlot plot = new XYPlot(lines, x, y, renderer);
        JFreeChart chart = new JFreeChart(title, plot);
        StandardChartTheme theme = new StandardChartTheme("plain");
        theme.setExtraLargeFont(new Font(FONT, Font.BOLD, 16));
        theme.setLargeFont(new Font(FONT, Font.PLAIN, 13));
        theme.setRegularFont(new Font(FONT, Font.PLAIN, 12));
        theme.setPlotBackgroundPaint(Color.WHITE);
        theme.setDomainGridlinePaint(Color.LIGHT_GRAY);
        theme.setRangeGridlinePaint(Color.LIGHT_GRAY);
        theme.apply(chart);
        for (int i = 0; i < lines.getSeriesCount(); i++) { // after the theme, which has colours of its own
            renderer.setSeriesPaint(i, COLOURS[i % COLOURS.length]);
            renderer.setSeriesStroke(i, new BasicStroke(2));
            renderer.setSeriesShape(i, new Rectangle(-3, -3, 6, 6));
        }
        chart.getLegend().setPosition(RectangleEdge.RIGHT);
        return chart;
    }

    /** Writes 1 / (1 - part) as the part in percent. */
    private static final class PercentileFormat extends NumberFormat {
        private static final long serialVersionUID = 1;

        @Override
        public StringBuffer format(double value, StringBuffer text, FieldPosition position) {
            DecimalFormat percent = new DecimalFormat("0.### %", DecimalFormatSymbols.getInstance(Locale.ROOT));
            return percent.format(1 - 1 / value, text, position);
        }

        @Override
        public StringBuffer format(long value, StringBuffer text, FieldPosition position) {
            return format((double) value, text, position);
        }

        @Override
        public Number parse(String text, ParsePosition position) {
            throw new UnsupportedOperationException("percentiles are only written");
        }
    }
}
