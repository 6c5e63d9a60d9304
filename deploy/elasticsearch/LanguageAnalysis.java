import java.io.Reader;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.analysis.ar.ArabicNormalizationFilter;
import org.apache.lucene.analysis.charfilter.MappingCharFilter;
import org.apache.lucene.analysis.charfilter.NormalizeCharMap;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.core.DecimalDigitFilter;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.de.GermanNormalizationFilter;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.es.SpanishAnalyzer;
import org.apache.lucene.analysis.fa.PersianAnalyzer;
import org.apache.lucene.analysis.fa.PersianNormalizationFilter;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.hi.HindiAnalyzer;
import org.apache.lucene.analysis.hi.HindiNormalizationFilter;
import org.apache.lucene.analysis.id.IndonesianAnalyzer;
import org.apache.lucene.analysis.in.IndicNormalizationFilter;
import org.apache.lucene.analysis.it.ItalianAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.nl.DutchAnalyzer;
import org.apache.lucene.analysis.pt.PortugueseAnalyzer;
import org.apache.lucene.analysis.ru.RussianAnalyzer;
import org.apache.lucene.analysis.tr.TurkishAnalyzer;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AbstractIndexAnalyzerProvider;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.NormalizingCharFilterFactory;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * The part of the stock server's analysis-common module that Kawat's schema may use, under the same names and with the
 * same behaviour, made of Lucene's own classes. tests/integration/test_analysis_contract.py holds it to that.
 */
public class LanguageAnalysis extends Plugin implements AnalysisPlugin {
    private static final Pattern ESCAPED = Pattern.compile("\\\\u([0-9a-fA-F]{4})");

    @Override
    public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
        return Map.ofEntries(
            analyzer("arabic", ArabicAnalyzer.getDefaultStopSet(), ArabicAnalyzer::new),
            analyzer("cjk", CJKAnalyzer.getDefaultStopSet(), (stop, keep) -> new CJKAnalyzer(stop)),
            analyzer("dutch", DutchAnalyzer.getDefaultStopSet(), DutchAnalyzer::new),
            analyzer("english", EnglishAnalyzer.getDefaultStopSet(), EnglishAnalyzer::new),
            analyzer("french", FrenchAnalyzer.getDefaultStopSet(), FrenchAnalyzer::new),
            analyzer("german", GermanAnalyzer.getDefaultStopSet(), GermanAnalyzer::new),
            analyzer("hindi", HindiAnalyzer.getDefaultStopSet(), HindiAnalyzer::new),
            analyzer("indonesian", IndonesianAnalyzer.getDefaultStopSet(), IndonesianAnalyzer::new),
            analyzer("italian", ItalianAnalyzer.getDefaultStopSet(), ItalianAnalyzer::new),
            analyzer("persian", PersianAnalyzer.getDefaultStopSet(), (stop, keep) -> new PersianAnalyzer(stop)),
            analyzer("portuguese", PortugueseAnalyzer.getDefaultStopSet(), PortugueseAnalyzer::new),
            analyzer("russian", RussianAnalyzer.getDefaultStopSet(), RussianAnalyzer::new),
            analyzer("spanish", SpanishAnalyzer.getDefaultStopSet(), SpanishAnalyzer::new),
            analyzer("turkish", TurkishAnalyzer.getDefaultStopSet(), TurkishAnalyzer::new));
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Map.of(
            "asciifolding", (index, environment, name, settings) -> new AsciiFolding(name, settings),
            "arabic_normalization", normalizing(ArabicNormalizationFilter::new),
            "cjk_width", normalizing(CJKWidthFilter::new),
            "decimal_digit", normalizing(DecimalDigitFilter::new),
            "german_normalization", normalizing(GermanNormalizationFilter::new),
            "hindi_normalization", normalizing(HindiNormalizationFilter::new),
            "indic_normalization", normalizing(IndicNormalizationFilter::new),
            "persian_normalization", normalizing(PersianNormalizationFilter::new));
    }

    @Override
    public Map<String, AnalysisProvider<CharFilterFactory>> getCharFilters() {
        return Map.of("mapping", AnalysisPlugin.requiresAnalysisSettings(
            (index, environment, name, settings) -> new Mapping(name, settings)));
    }

    private interface Maker<A> {
        A make(CharArraySet stopWords, CharArraySet notStemmed);
    }

    private static <A extends Analyzer> Map.Entry<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> analyzer(
        String language, CharArraySet stopWords, Maker<A> maker) {
        return Map.entry(language, (index, environment, name, settings) -> {
            // One per index: an analyzer is closed with the index that asked for it.
            var made = maker.make(
                Analysis.parseStopWords(environment, settings, stopWords),
                Analysis.parseStemExclusion(settings, CharArraySet.EMPTY_SET));
            return new AbstractIndexAnalyzerProvider<A>(name) {
                @Override
                public A get() {
                    return made;
                }
            };
        });
    }

    private static AnalysisProvider<TokenFilterFactory> normalizing(UnaryOperator<TokenStream> filter) {
        return (index, environment, name, settings) -> new Normalizing(name, filter);
    }

    /** A filter that also applies to the terms of wildcard, prefix and fuzzy queries. */
    private static final class Normalizing extends AbstractTokenFilterFactory implements NormalizingTokenFilterFactory {
        private final UnaryOperator<TokenStream> filter;

        Normalizing(String name, UnaryOperator<TokenStream> filter) {
            super(name);
            this.filter = filter;
        }

        @Override
        public TokenStream create(TokenStream in) {
            return filter.apply(in);
        }
    }

    /** A query's single term has one form, so `preserve_original` says nothing there. */
    private static final class AsciiFolding extends AbstractTokenFilterFactory implements NormalizingTokenFilterFactory {
        private final boolean preserveOriginal;

        AsciiFolding(String name, Settings settings) {
            super(name);
            preserveOriginal = settings.getAsBoolean("preserve_original", false);
        }

        @Override
        public TokenStream create(TokenStream in) {
            return new ASCIIFoldingFilter(in, preserveOriginal);
        }

        @Override
        public TokenStream normalize(TokenStream in) {
            return new ASCIIFoldingFilter(in, false);
        }

        @Override
        public TokenFilterFactory getSynonymFilter() {
            return preserveOriginal ? new AsciiFolding(name(), Settings.EMPTY) : this;
        }
    }

    /** `mappings`: a list of `from => to`; a backslash, u and four hex digits are a character, no other escape is read. */
    private static final class Mapping implements NormalizingCharFilterFactory {
        private final String name;
        private final NormalizeCharMap map;

        Mapping(String name, Settings settings) {
            this.name = name;
            var builder = new NormalizeCharMap.Builder();
            for (var rule : settings.getAsList("mappings")) {
                int arrow = rule.lastIndexOf("=>");
                if (arrow < 0) {
                    throw new IllegalArgumentException("Invalid mapping rule: [" + rule + "]");
                }
                builder.add(read(rule.substring(0, arrow)), read(rule.substring(arrow + 2)));
            }
            map = builder.build();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Reader create(Reader in) {
            return new MappingCharFilter(map, in);
        }

        private static String read(String side) {
            return ESCAPED.matcher(side.strip()).replaceAll(
                found -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(found.group(1), 16))));
        }
    }
}
