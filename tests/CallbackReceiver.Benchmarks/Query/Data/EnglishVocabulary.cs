namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>The words of English calls, each list with the most used first. Nouns and verbs are given in their base form.</summary>
internal static class EnglishVocabulary
{
    public static readonly string[] Subjects = Words("""
        I you we they it he she the_system the_customer the_agent my_husband my_wife the_bank the_driver the_technician our_team the_store the_manager
        somebody nobody my_son my_daughter the_landlord the_courier the_supplier my_colleague the_accountant the_engineer everyone your_office
        """);

    public static readonly string[] Auxiliaries = Words("will can would have should did need_to want_to could might must cannot never already still just usually always");

    public static readonly string[] Prepositions = Words("for to on in with at from about by before after without during under through until since against behind within");

    public static readonly string[] Determiners = Words("the your my a this that our any another each every their some his her its no both");

    public static readonly string[] Connectives = Words("and but so because if when that which or while although unless whether then since");

    public static readonly string[] Fillers = Words("""
        okay yes well sure so right actually thanks sorry hello no please exactly alright maybe um uh indeed honestly anyway basically certainly absolutely
        hmm great perfect understood fine look listen wait apparently unfortunately hopefully frankly
        """);

    public static readonly string[] Times = Words("""
        today tomorrow yesterday now Monday Friday Tuesday Wednesday Thursday Saturday Sunday last_week next_week this_morning this_afternoon tonight
        last_month next_month this_year last_year recently soon later immediately January February March April May June July August September October
        November December at_noon by_midnight over_the_weekend within_three_days two_weeks_ago half_an_hour_ago at_the_end_of_the_month
        """);

    public static readonly string[] Verbs = Words("""
        check call need want ask help look change receive confirm update cancel order use work wait contact explain process provide request return expect
        show happen talk open close start stop charge deliver move talk try fix enter offer accept add apply approve arrange arrive assist assure attach
        attempt authorize balance bill block book borrow bother bounce calculate cause claim clarify clear click collect combine compare compensate complain
        complete concern configure connect consider convert copy correct count cover create credit damage decide decline deduct delay delete demand deny
        deposit describe deserve destroy detect determine develop differ direct disable disagree disappear discharge disconnect discover discuss dismiss
        display dispute divide double download drop earn edit email enable encourage end enjoy enrol ensure escalate estimate evaluate exceed exchange
        exclude excuse expand expire export extend fail fail fasten favour file fill filter finish flash flood focus follow force form format freeze fulfil
        gain gather generate grant greet guarantee guess guide handle hand hate hesitate highlight hire identify ignore import improve include increase
        inform injure inquire insert inspect install instruct insure intend interrupt introduce investigate invite invoice issue join judge jump justify
        label lack land last launch leak learn lend like limit link list load locate lock log lower mail maintain manage mark match measure mention merge
        miss mix monitor mount negotiate note notice notify number obtain occur operate oppose organize overcharge overlook owe own pack park pass pause
        perform permit phone pick place plan plug point post postpone prefer prepare present press prevent print promise prompt protect prove publish pull
        purchase push qualify question queue quote raise reach react realize reboot recall recharge recognize recommend record recover redeem reduce refer
        refill refresh refuse register reject relate release remain remember remind remove renew rent repair repeat replace reply report reschedule rescue
        reserve reset resolve respond restart restore restrict resume retain retry reveal reverse review revise reward ring rotate ruin rush sample satisfy
        save scan schedule scratch search secure seem select separate serve settle share ship shorten shut sign slip smell solve sort sound spill split
        spoil stack stain stamp stay store stream stretch submit subscribe succeed suffer suggest supply support suppose surprise suspect suspend switch
        terminate test thank threaten tick track trade train transfer translate transport trap travel treat trigger trust turn type unlock unsubscribe upgrade
        upload upset validate vary verify view visit void volunteer vote waive walk warn wash waste watch weigh welcome wipe wish wonder worry wrap
        """);

    public static readonly string[] Nouns = Words("""
        account order number payment card name address phone email time day problem bill service customer issue date money password charge system package
        subscription plan price office code message contract line product line store month year week hour minute delivery policy claim form file page
        website app link button screen computer laptop printer router modem cable battery charger device model serial warranty repair part technician
        appointment visit slot window calendar reminder notice letter envelope stamp parcel tracking courier warehouse depot truck driver route stop
        signature receipt invoice statement balance credit debit transfer deposit withdrawal loan mortgage interest rate term instalment penalty fee tax
        discount coupon voucher reward point tier membership benefit offer promotion campaign gift sample brand item size colour style material quality defect
        scratch crack stain noise smell leak label manual instruction step procedure rule exception limit quota threshold deadline extension period cycle
        renewal cancellation complaint apology feedback survey rating score comment suggestion request question answer reason cause result outcome decision
        approval rejection review audit inspection report summary record history log entry detail field value option setting preference profile user login
        session token certificate permission role group team department manager supervisor agent representative operator receptionist engineer accountant
        lawyer doctor nurse patient clinic hospital pharmacy prescription dose symptom allergy insurance premium coverage deductible accident injury witness
        police officer incident theft fire flood storm damage estimate quote contractor plumber electrician builder roof wall floor ceiling window door lock
        key fence garden garage kitchen bathroom bedroom apartment building landlord tenant lease rent utility water gas electricity heating meter reading
        outage voltage fuse socket switch pump filter pipe valve tank boiler radiator furnace thermostat sensor alarm camera speaker microphone headset
        keyboard mouse monitor cable adapter port hub drive memory backup folder binder database server cloud network signal speed bandwidth download
        upload upgrade update patch version release bug error crash freeze virus firewall spam phishing fraud scam identity passport licence permit visa
        embassy airport airline flight seat gate luggage suitcase boarding departure arrival layover hotel room reservation guest breakfast checkout lobby
        elevator shuttle taxi bus train station platform ticket fare conductor passenger bicycle scooter motorcycle vehicle engine tyre brake clutch mirror
        windscreen bumper mileage fuel oil garage mechanic tow dealer showroom trial lesson course teacher student exam grade tuition scholarship library
        textbook diploma enrolment semester campus dormitory cafeteria schedule shift overtime salary bonus payslip pension vacation leave resignation hire
        interview candidate resume reference training workshop conference agenda minute attendee venue catering budget expense reimbursement approval vendor
        supplier buyer seller broker auction bid tender proposal draft amendment clause annex appendix footnote paragraph chapter headline newsletter magazine
        subscription channel episode series movie concert festival theatre museum gallery exhibition stadium coach referee league trophy jersey racket helmet
        tent backpack compass lantern blanket pillow mattress sofa armchair cupboard wardrobe drawer shelf curtain carpet lamp candle vase kettle toaster
        blender oven fridge freezer dishwasher dryer vacuum broom bucket sponge detergent bleach towel shampoo toothbrush razor perfume lipstick jacket sweater
        shirt trousers skirt sock boot sandal glove scarf umbrella wallet purse necklace bracelet earring watch diamond pearl silver copper iron steel timber
        gravel cement brick tile paint brush ladder hammer screw nail bolt drill saw chisel wrench rope chain hook pulley wheel axle gear spring piston
        """);

    public static readonly string[] Adjectives = Words("""
        new old right wrong last next full correct different same available monthly annual extra free total original current previous final urgent important
        possible late early low high small large long short broken missing damaged duplicate invalid valid expired active inactive pending blocked secure
        online local foreign digital printed written signed official personal private public general special regular temporary permanent automatic manual
        simple complex clear confusing helpful polite rude angry patient happy sad tired nervous careful careless cheap expensive fair reasonable strange
        unusual normal serious minor major critical partial whole empty heavy light loud quiet fast slow warm cold hot wet dry clean dirty sharp blunt thick
        thin wide narrow deep shallow bright dark fresh stale sweet bitter sour salty rough smooth soft hard tight loose flat round square rusty dusty
        wooden plastic metallic electric wireless portable foldable washable adjustable refillable waterproof fragile flammable toxic organic seasonal
        """);

    public static readonly string[] Names = Words("""
        Acme Borealis Cobalt Dorian Everline Fernway Glenrock Harbor Indigo Juniper Kestrel Larkspur Meridian Northgate Oakhaven Pinecrest Quarry Redwood
        Silverton Thornbury Umber Valewood Westmark Xenon Yarrow Zephyr Ashford Birchwood Clearwater Driftwood Eastbrook Fairview Greystone Hillcrest Ironbridge
        Jasper Kingsley Lakeside Millbrook Newhaven Orchard Plumfield Ravenswood Stonebridge Tidewater Underhill Vista Willowdale Brightwater Copperfield
        """);

    public static readonly string[] Matters = Words("""
        inquiry renewal cancellation dispute repair delivery upgrade complaint verification installation reschedule correction escalation follow-up outage
        overcharge replacement activation onboarding closure
        """);

    public static readonly string[] Risks =
    [
        "Communication difficulties", "Customer dissatisfied", "Complaint may escalate", "Privacy concern", "Churn risk", "Long waiting time",
        "Wrong information given", "Payment dispute", "Threat of legal action", "Promise not kept", "Strong emotions", "Suspected fraud",
    ];

    /// <summary>The words with their forms, an underscore read as a space.</summary>
    public static string[] VerbForms => [.. Verbs.Distinct().SelectMany(verb => new[] { verb, Past(verb), Ing(verb), Third(verb) })];

    /// <summary>Singular and plural.</summary>
    public static string[] NounForms => [.. Nouns.Distinct().Select(Spaced).SelectMany(noun => new[] { noun, Third(noun) })];

    public static string Spaced(string word) => word.Replace('_', ' ');

    private static string Past(string verb) => verb[^1] switch
    {
        'e' => verb + "d",
        'y' when !IsVowel(verb[^2]) => verb[..^1] + "ied",
        _ => verb + "ed",
    };

    private static string Ing(string verb) => verb[^1] == 'e' && verb[^2] != 'e' ? verb[..^1] + "ing" : verb + "ing";

    private static string Third(string word) => word[^1] switch
    {
        's' or 'x' or 'h' => word + "es",
        'y' when !IsVowel(word[^2]) => word[..^1] + "ies",
        _ => word + "s",
    };

    private static bool IsVowel(char letter) => "aeiou".Contains(letter, StringComparison.Ordinal);

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
