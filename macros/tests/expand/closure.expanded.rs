//! A result that may be an error is looked at, so the body moves into a closure.
/// Pays a cart.
///
/// Twice, if asked twice.
fn checkout(cart: &Cart, tries: u32) -> Result<Receipt, CartError> {
    ::tachograph::__private::call(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).doc("Pays a cart.").metered()
        ),
        move || -> Result<Receipt, CartError> {
            let cart = cart;
            let mut tries = tries;
            {
                while tries > 0 {
                    cart.pay()?;
                    tries -= 1;
                }
                Ok(Receipt)
            }
        },
        |result| ::tachograph::__private::outcome!(result),
    )
}
/// Parameters that are no plain names are taken apart inside, so that what is left of them is dropped in its turn.
fn patterns(
    argument0: (Guard, Guard),
    argument1: Guard,
    argument2: [Guard; 3],
    #[cfg(feature = "extra")]
    c: Guard,
) -> io::Result<()> {
    ::tachograph::__private::call(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {})
            .doc("Parameters that are no plain names are taken apart inside, so that what is left of them is dropped in its turn.")
            .metered()
        ),
        move || -> io::Result<()> {
            let argument0 = argument0;
            let (a, _) = argument0;
            let argument1 = argument1;
            let argument2 = argument2;
            let [b, ..] = argument2;
            #[cfg(feature = "extra")]
            let c = c;
            keep(a, b)
        },
        |result| ::tachograph::__private::outcome!(result),
    )
}
/// With something recorded at the start, patterns stay where they can be seen.
fn recorded((a, ref b): (u32, String)) -> io::Result<()> {
    ::tachograph::__private::Call::start_with(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {})
                .doc("With something recorded at the start, patterns stay where they can be seen.")
                .traced()
            ),
            |call| {
                if call.is_recording() {
                    call.field("a", ::tachograph::__private::value(&a));
                }
            },
        )
        .run(
            move || -> io::Result<()> {
                #[allow(unused_variables)]
                let mut a = a;
                let b = b;
                {
                    a += 1;
                    keep(a, b)
                }
            },
            |result| ::tachograph::__private::outcome!(result),
        )
}
fn nothing_to_move() -> Result<impl Iterator<Item = u8>, Empty> {
    ::tachograph::__private::call(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).metered()
        ),
        move || -> Result<_, Empty> {
            let bytes = read()?;
            Ok(bytes.into_iter())
        },
        |result| ::tachograph::__private::outcome!(result),
    )
}
impl Cart {
    fn by_reference(&mut self) -> Result<(), CartError> {
        ::tachograph::__private::call(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            move || -> Result<(), CartError> {
                self.lines.clear();
                Ok(())
            },
            |result| ::tachograph::__private::outcome!(result, Display),
        )
    }
    fn by_value(mut self, other: Self) -> Result<Self, CartError> {
        ::tachograph::__private::call(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            move || -> Result<Self, CartError> {
                let _ = &self;
                let other = other;
                {
                    self.lines.extend(other.lines);
                    Ok(self)
                }
            },
            |result| ::tachograph::__private::outcome!(result, Debug),
        )
    }
    fn boxed(self: Box<Self>) -> Result<u8, CartError> {
        ::tachograph::__private::call(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            move || -> Result<u8, CartError> {
                let _ = &self;
                self.lines.len().try_into().map_err(CartError::TooLong)
            },
            |result| ::tachograph::__private::outcome!(result),
        )
    }
}
