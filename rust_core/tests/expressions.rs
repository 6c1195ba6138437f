//! The expression reader: canonical text, recovery from errors, budgets, and texts that nobody would write.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use oracle_core::expr::code::Code;
use oracle_core::expr::select::{self, Selection};
use oracle_core::expr::syntax::{Argument, Call, Expr, Literal, Node, Span};
use oracle_core::expr::{Problem, parse};
use oracle_core::logic::{Arithmetic, Comparison};
use proptest::prelude::*;

fn boxed(node: Node) -> Box<Expr> {
    Box::new(Expr::new(node, Span::default()))
}

fn name() -> impl Strategy<Value = String> {
    "[a-z_][a-z0-9_]{0,6}"
        .prop_filter("a word of the language", |word| !["and", "or", "not", "true", "false"].contains(&word.as_str()))
}

fn leaf() -> impl Strategy<Value = Node> {
    prop_oneof![
        (0.0..1e6_f64).prop_map(|x| Node::Literal(Literal::Number(x))),
        (0_u32..1000).prop_map(|x| Node::Literal(Literal::Number(f64::from(x)))),
        prop_oneof![1e-300..1e-5_f64, 1e15..1e300_f64].prop_map(|x| Node::Literal(Literal::Number(x))),
        (0.0..100.0_f64).prop_map(|x| Node::Literal(Literal::Percent(x))),
        (0.0..100.0_f64).prop_map(|x| Node::Literal(Literal::BasisPoints(x))),
        (0_u32..1000).prop_map(|x| Node::Literal(Literal::Days(x))),
        (0_u32..1000).prop_map(|x| Node::Literal(Literal::Sessions(x))),
        any::<bool>().prop_map(|x| Node::Literal(Literal::Truth(x))),
        "[A-Za-z .']{0,6}".prop_map(Node::Text),
        "[A-Za-z .\"]{0,6}".prop_map(Node::Text),
        name().prop_map(Node::Name),
    ]
}

fn call(arguments: Vec<(Option<String>, Expr)>, name: String) -> Call {
    // Arguments with a name come last.
    let (keyed, plain): (Vec<_>, Vec<_>) = arguments.into_iter().partition(|(keyword, _)| keyword.is_some());
    let arguments = plain.into_iter().chain(keyed);
    let arguments =
        arguments.map(|(keyword, value)| Argument { keyword: keyword.map(|k| (k, Span::default())), value }).collect();
    Call { name, name_span: Span::default(), arguments }
}

fn tree() -> impl Strategy<Value = Expr> {
    let operation = prop_oneof![
        Just(Arithmetic::Add),
        Just(Arithmetic::Subtract),
        Just(Arithmetic::Multiply),
        Just(Arithmetic::Divide),
        Just(Arithmetic::Power),
        Just(Arithmetic::Remainder)
    ];
    let comparison = prop_oneof![
        Just(Comparison::Less),
        Just(Comparison::LessEqual),
        Just(Comparison::Greater),
        Just(Comparison::GreaterEqual),
        Just(Comparison::Equal),
        Just(Comparison::NotEqual)
    ];
    let leaf = leaf().prop_map(|node| Expr::new(node, Span::default()));
    leaf.prop_recursive(6, 60, 4, move |inner| {
        let one = inner.clone();
        let arguments = prop::collection::vec((prop::option::of(name()), inner.clone()), 0..4).boxed();
        prop_oneof![
            one.clone().prop_map(|a| Node::Negate(Box::new(a))),
            one.clone().prop_map(|a| Node::Not(Box::new(a))),
            (operation.clone(), one.clone(), one.clone()).prop_map(|(o, a, b)| Node::Arithmetic(
                o,
                Box::new(a),
                Box::new(b)
            )),
            (one.clone(), prop::collection::vec((comparison.clone(), one.clone()), 1..3))
                .prop_map(|(a, rest)| Node::Compare(Box::new(a), rest)),
            (one.clone(), one.clone()).prop_map(|(a, b)| Node::And(Box::new(a), Box::new(b))),
            (one.clone(), one.clone()).prop_map(|(a, b)| Node::Or(Box::new(a), Box::new(b))),
            (arguments.clone(), name()).prop_map(|(a, n)| Node::Call(call(a, n))),
            (name(), name()).prop_map(|(base, n)| Node::Member(boxed(Node::Name(base)), n, Span::default())),
            (arguments, name(), name()).prop_map(|(a, base, n)| Node::Method(boxed(Node::Name(base)), call(a, n))),
        ]
        .prop_map(|node| Expr::new(node, Span::default()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn parsing_the_canonical_text_gives_the_same_tree(expr in tree()) {
        let text = expr.to_string();
        let (again, problems) = parse(&text);
        prop_assert!(problems.is_empty(), "{text}: {problems:?}");
        prop_assert_eq!(&again, &expr, "{}", text);
        prop_assert_eq!(again.to_string(), text);
    }

    #[test]
    fn no_text_panics_and_spans_lie_inside(text in any::<String>()) {
        inside(&text);
    }

    #[test]
    fn no_run_of_tokens_panics(words in prop::collection::vec(prop_oneof![
        Just("close"), Just("sma"), Just("("), Just(")"), Just(","), Just("."), Just("="), Just("=="), Just("<"),
        Just("not"), Just("and"), Just("or"), Just("-"), Just("**"), Just("%"), Just("5%"), Just("20s"), Just("\"SPY\""),
        Just("\""), Just("1.2.3"), Just("top"), Just("by"), Just("where"), Just("all"), Just("é"), Just("&&"),
    ], 0..60)) {
        let text = words.join(" ");
        inside(&text);
        for problem in select::parse(&text).1 {
            prop_assert!(problem.span.start <= problem.span.end);
        }
    }
}

fn inside(text: &str) {
    let (expr, problems) = parse(text);
    let length = text.chars().count();
    assert!(expr.span.end <= length);
    for problem in &problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= length + 1, "{problem:?}");
    }
    // Printing whatever was understood never fails either.
    let _ = expr.to_string();
}

fn codes(text: &str) -> Vec<Code> {
    parse(text).1.into_iter().map(|p| p.code).collect()
}

fn only(text: &str) -> Problem {
    let problems = parse(text).1;
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.into_iter().next().unwrap()
}

#[test]
fn operators_bind_as_in_python() {
    for (text, canonical) in [
        ("a+b*c", "a + b * c"),
        ("(a+b)*c", "(a + b) * c"),
        ("-a**2", "-a ** 2"),
        ("(-a)**2", "(-a) ** 2"),
        ("2**3**2", "2 ** 3 ** 2"),
        ("(2**3)**2", "(2 ** 3) ** 2"),
        ("2**-1", "2 ** -1"),
        ("not a and b", "not a and b"),
        ("not (a and b)", "not (a and b)"),
        ("a - (b - c)", "a - (b - c)"),
        ("30<rsi(close,14)<70", "30 < rsi(close, 14) < 70"),
        ("not a < b", "not a < b"),
        ("a or b and not c", "a or b and not c"),
        ("((a))", "a"),
        ("100_000", "100000"),
        ("'SPY'", "\"SPY\""),
        ("macd(close) . histogram", "macd(close).histogram"),
        ("7 % 3", "7 % 3"),
        ("5bps+0.50%", "5bps + 0.5%"),
    ] {
        let (expr, problems) = parse(text);
        assert!(problems.is_empty(), "{text}: {problems:?}");
        assert_eq!(expr.to_string(), canonical);
    }
}

#[test]
fn spans_count_characters_not_bytes() {
    let problem = only("\"é\" == $");
    assert_eq!(problem.code, Code::UnexpectedCharacter);
    // e-acute is one character of two bytes; `$` is the eighth character.
    assert_eq!((problem.span.start, problem.span.end), (7, 8));
}

#[test]
fn each_reading_error_has_its_code() {
    assert_eq!(codes("close > $5"), [Code::UnexpectedCharacter]);
    assert_eq!(codes("symbol(\"SPY, close)"), [Code::OpenString, Code::Unbalanced]);
    assert_eq!(codes("close > 1.2.3"), [Code::BadNumber]);
    assert_eq!(codes("close > and volume > 0"), [Code::ExpressionExpected]);
    assert_eq!(codes("sma(close, 20"), [Code::Unbalanced]);
    assert_eq!(codes("close)"), [Code::Unbalanced]);
    assert_eq!(codes("close open"), [Code::Trailing]);
    assert_eq!(codes("sma(length=20, close)"), [Code::PositionalAfterKeyword]);
    assert_eq!(codes("close > open && volume > 0"), [Code::ForeignOperator]);
    assert_eq!(codes("close = open"), [Code::ForeignOperator]);
    assert_eq!(codes("  "), [Code::Empty]);
    assert_eq!(select::parse("top 5 momentum").1.first().unwrap().code, Code::BadSelect);
}

#[test]
fn one_error_does_not_hide_the_next() {
    let found = codes("sma(close >, 20) + 1.2.3 > $ and x !");
    assert_eq!(
        found,
        [Code::BadNumber, Code::UnexpectedCharacter, Code::ForeignOperator, Code::ExpressionExpected, Code::Trailing]
    );
}

#[test]
fn budgets_end_reading_with_one_error() {
    let long = vec!["close"; 3_000].join(" + ");
    assert_eq!(codes(&long), [Code::TooLong]);
    let nested = format!("{}close{}", "(".repeat(65), ")".repeat(65));
    assert_eq!(codes(&nested), [Code::TooDeep]);
    let allowed = format!("{}close{}", "(1 + ".repeat(63), ")".repeat(63));
    assert_eq!(codes(&allowed), []);
    let chained = vec!["close"; 200].join(" + ");
    assert_eq!(codes(&chained), [Code::TooDeep]);
    assert_eq!(codes(&vec!["close"; 100].join(" and ")), []);
    assert_eq!(codes(&format!("{}x", "not ".repeat(2_000))), [Code::TooDeep]);
    assert_eq!(codes(&format!("{}x", "- ".repeat(2_000))), [Code::TooDeep]);
    assert_eq!(codes(&vec!["2"; 1_500].join("**")), [Code::TooDeep]);
    // Chains inside of chains, each within its limit.
    let chain = |inner: String| format!("({inner}){}", " + x".repeat(50));
    let tower = (0..20).fold("x".to_string(), |inner, _| chain(inner));
    assert_eq!(codes(&tower), [Code::TooDeep]);
    assert_eq!(codes(&"a".repeat(100_000)), [Code::TooLong]);
}

#[test]
fn selections_are_read_with_params_and_conditions() {
    let (selection, problems) = select::parse("top hold + 1 by momentum / atr(14) where trend and close > 5");
    assert!(problems.is_empty(), "{problems:?}");
    let Selection::Ordered { end, count, by, condition } = selection else { panic!("{selection:?}") };
    assert_eq!(end, select::End::Top);
    assert_eq!(count.to_string(), "hold + 1");
    assert_eq!(by.to_string(), "momentum / atr(14)");
    assert_eq!(condition.unwrap().to_string(), "trend and close > 5");
    assert!(matches!(select::parse("all").0, Selection::All { condition: None }));
    assert!(matches!(select::parse("top(momentum, 5)").0, Selection::Condition(_)));
    assert!(select::parse("all trend").1.iter().all(|p| p.code == Code::BadSelect));
    assert!(!select::parse("bottom 5 by x where y z").1.is_empty());
}
